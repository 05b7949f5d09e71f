#!/bin/sh
# Runs the tests of the arm64 kernels under qemu, which tells whether they are right, not how fast they are. Where qemu-aarch64-static (Debian's
# qemu-user-static) is missing, it says so.
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64) || {
	echo "gradus: there is no qemu-aarch64-static here (Debian: qemu-user-static): the NEON kernels are NOT TESTED" >&2
	exit 0
}
GOARCH=arm64 exec "${GO:-go}" test -exec "$qemu" -run "${1:-Chains|Wide|Sgemm|ThreadsDoNot|Unfolding|Fusions|Refused}" ./cpu
