#!/bin/sh
# The seed network and matrix products here and in TensorFlow.js on WebGPU (Dawn, under Node 20 or later), in turns on the same Vulkan driver.
#
#   bench/peers/tfjs.sh [rounds]
#
# Node's packages are put, once, into bench/peers/.npm. The driver is the one that the loader finds, or that VK_DRIVER_FILES names. Dawn refuses lavapipe
# before Mesa 23.1; then both sides run on Chromium's SwiftShader, if it is installed. (A newer lavapipe can be unpacked beside the
# system's: dpkg-deb -x the package mesa-vulkan-drivers of a later release, and name its lvp_icd.json with the library's full path in it.)
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
if ! adapter && [ -z "$VK_DRIVER_FILES" ] && [ -f $swiftshader ]; then
	export VK_DRIVER_FILES=$swiftshader
fi
if ! adapter; then
	echo "TensorFlow.js: NOT COMPARED: Dawn accepts no Vulkan driver of this machine"
	exit 0
fi
binary=$(mktemp)
trap 'rm -f "$binary"' EXIT
(cd .. && go test -c -o "$binary" .)
for round in $(seq "${1:-3}"); do
	node .npm/tfjs_step.mjs 32
	(cd .. && "$binary" -test.run '^$' -test.bench 'Step/batch-32$/gpu' -test.benchtime 1s | grep -e '^gpu' -e steps/s)
done
node .npm/tfjs_matmul.mjs 512 1024
(cd .. && "$binary" -test.run '^$' -test.bench 'MatMul/.*/(512x|1024x|32x300x784|784x300x32|32x784x300).*/gpu' -test.benchtime 0.5s | grep GFLOP)
uptime
