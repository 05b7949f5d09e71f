#!/bin/sh
# Runs the tests of the CPU backend on arm64, under qemu: all of them, and whether every operation writes what it writes on this machine, to the bit; or
# only those tests that the pattern names. Whether NEON's kernels are right is seen, not whether they are fast: an emulator's time is not a processor's, so
# that tests of ratios of times are left out. Where qemu-aarch64-static (Debian's qemu-user-static) is missing, it says so.
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64) || {
	echo "gradus: there is no qemu-aarch64-static here (Debian: qemu-user-static): the NEON kernels are NOT TESTED" >&2
	exit 0
}
arm64() { GOARCH=arm64 "${GO:-go}" test -exec "$qemu" "$@"; }
set -e
arm64 -skip 'KernelsAreFast|NearThePeak' -run "${1:-.}" ./cpu
test -z "${1:-}" || exit 0
bits=$(mktemp)
trap 'rm -f "$bits"' EXIT
"${GO:-go}" test -count=1 -run EveryOperation ./cpu -elsewhere "$bits"
arm64 -count=1 -run EveryOperation ./cpu -elsewhere "$bits"
