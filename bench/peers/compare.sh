#!/bin/sh
# Gradus beside PyTorch, OpenBLAS and TensorFlow.js, in turns, on one thread and on all; it prints ratios and the settings of every peer.
#
#   make bench-peers, or bench/peers/compare.sh [rounds]
#
# What is missing is installed, if this is root on a Debian machine: python3-torch and libopenblas0; tfjs.sh fetches its own packages from npm.
#
# PyTorch: eager, denormals flushed, each optimizer in every implementation that the version has, the best of them counted. Debian's takes its products
# from the system's libblas.so.3, which is OpenBLAS where libopenblas0 is installed, and slow without. On several threads
# OpenBLAS stays at one, since its threads and OpenMP's get into each other's way (OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=n).
# OpenBLAS: told the right core where there is AVX-512 (OPENBLAS_CORETYPE=SkylakeX): releases that are older than a processor take it for one without.
set -e
cd "$(dirname "$0")/.."
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}"
rounds=${1:-3}
echo "$rounds rounds of about two minutes with PyTorch and OpenBLAS, then as many with TensorFlow.js; load $(cut -d' ' -f1 /proc/loadavg)"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	for package in python3-torch libopenblas0; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
			DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$package" >&2 || echo "$package could not be installed: NOT COMPARED" >&2
	done
fi
if grep -q avx512dq /proc/cpuinfo; then
	export OPENBLAS_CORETYPE=SkylakeX
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go test -c -o "$work/bench" .
all=$(nproc)
python=/usr/bin/python3

# steps and products on so many threads, ours and theirs in turns.
turn() {
	device=cpu
	[ "$1" != 1 ] || device=cpu-1-thread
	GOMAXPROCS=$1 "$work/bench" -test.run '^$' -test.bench "(Step|Adam)/^batch-(32|256)\$/^$device\$" -test.benchtime 0.5s >>"$work/ours-$1"
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=$1 $python peers/torch_step.py "$1" >>"$work/torch-$1" || echo "PyTorch: NOT COMPARED" >&2
	GOMAXPROCS=$1 "$work/bench" -test.run '^$' -test.bench Sgemm -test.benchtime 1x >>"$work/sgemm-$1"
	$python peers/openblas.py "$1" >>"$work/openblas-$1" || echo "OpenBLAS: NOT COMPARED" >&2
}

for round in $(seq "$rounds"); do
	for threads in $([ "$all" = 1 ] && echo 1 || echo 1 "$all"); do
		turn "$threads"
	done
	echo "round $round of $rounds: load $(cut -d' ' -f1 /proc/loadavg), $(date +%T)"
done
$python peers/ratios.py "$work"
if [ -x peers/tfjs.sh ] && command -v npm >/dev/null; then
	peers/tfjs.sh "$rounds"
else
	echo "TensorFlow.js: NOT COMPARED: there is no npm here" >&2
fi
