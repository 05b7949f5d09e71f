#!/bin/sh
# Steps of the seed network on one thread, here and in PyTorch, in turns.
#
#   make bench-peers, or bench/peers/compare.sh [rounds]
#
# Debian's PyTorch takes its products from the system's libblas.so.3, which is the slow reference unless libopenblas0 is
# installed (or LD_LIBRARY_PATH names a directory with OpenBLAS's). OpenBLAS is told the right core where there is AVX-512.
set -e
cd "$(dirname "$0")/.."
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}" OPENBLAS_NUM_THREADS=1
if grep -q avx512dq /proc/cpuinfo; then
	export OPENBLAS_CORETYPE=SkylakeX
fi
binary=$(mktemp)
trap 'rm -f "$binary"' EXIT
go test -c -o "$binary" .
for round in $(seq "${1:-3}"); do
	"$binary" -test.run '^$' -test.bench '(Step|Adam)/./cpu-1-thread' -test.benchtime 0.5s | grep steps/s
	/usr/bin/python3 peers/torch_step.py 1
	uptime
done
