#!/bin/sh
# The seed network and matrix products here and in TensorFlow.js on WebGPU (Dawn, under Node 20 or later), in turns on the same Vulkan driver.
#
#   bench/peers/tfjs.sh [rounds]
#
# Node's packages are put, once, into bench/peers/.npm. The driver is the one that VK_DRIVER_FILES names, else the one that the loader finds. Dawn refuses
# lavapipe before Mesa 23.1: then both sides run on that of Debian's backports (mesa.sh), or else on Chromium's SwiftShader, if it is installed.
set -e
cd "$(dirname "$0")"
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}"
swiftshader=/usr/lib/chromium/vk_swiftshader_icd.json
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	echo "TensorFlow.js: NOT COMPARED: there is no node or no npm here"
	exit 0
fi
if [ ! -d .npm/node_modules/webgpu ]; then
	npm install --prefix .npm --no-audit --no-fund --save-exact webgpu@0.6.2 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-webgpu@4.22.0
fi
cp tfjs*.mjs .npm/ # imports are found beside the script
adapter() { node .npm/tfjs.mjs >/dev/null 2>&1; }
if [ -z "$VK_DRIVER_FILES" ] && ! adapter; then
	VK_DRIVER_FILES=$(./mesa.sh 2>/dev/null) || VK_DRIVER_FILES=$swiftshader
	export VK_DRIVER_FILES
fi
if ! adapter; then
	echo "TensorFlow.js: NOT COMPARED: Dawn accepts no Vulkan driver of this machine"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd .. && go test -c -o "$work/bench" .)
ours() { (cd .. && "$work/bench" -test.run '^$' -test.bench "$1" -test.benchtime "$2"); }

# Each round is theirs, then ours. A line of progress for each, since a round takes a while.
for round in $(seq "${1:-3}"); do
	node .npm/tfjs_step.mjs 32 2>>"$work/errors" | tee -a "$work/tfjs-step"
	ours 'Step/batch-32$/gpu' 1s | grep -e '^gpu' -e steps/s | tee -a "$work/gpu-step"
	node .npm/tfjs_matmul.mjs 512 1024 2048 2>>"$work/errors" >>"$work/tfjs-products"
	ours 'MatMul/.*/(512x|1024x|2048x|32x300x784|784x300x32|32x784x300).*/gpu' 0.5s | grep GFLOP >>"$work/gpu-products"
	echo "round $round of TensorFlow.js: load $(cut -d' ' -f1 /proc/loadavg)"
done
/usr/bin/env python3 ratios.py "$work"
