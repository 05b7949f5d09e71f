#!/bin/sh
# Runs the tests of the CPU backend on arm64, under qemu where this machine is no arm64: all of them, or those that the pattern names. Whether the
# NEON kernels are right is seen, not whether they are fast: an emulator's time is not a processor's, so that tests of ratios of times are left out.
# Where qemu-aarch64-static (Debian's qemu-user-static) is missing, it says so.
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64) || {
	echo "gradus: there is no qemu-aarch64-static here (Debian: qemu-user-static): the NEON kernels are NOT TESTED" >&2
	exit 0
}
GOARCH=arm64 exec "${GO:-go}" test -exec "$qemu" -skip 'KernelsAreFast|NearThePeak' -run "${1:-.}" ./cpu
