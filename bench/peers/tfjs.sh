#!/bin/sh
# The seed network and matrix products here and in TensorFlow.js on WebGPU (Dawn, under Node 20), in turns.
#
#   bench/peers/tfjs.sh [rounds]
#
# Node's packages are put, once, into bench/peers/.npm. Both sides use the Vulkan driver that the loader finds, or that of VK_DRIVER_FILES. Dawn refuses
# lavapipe before Mesa 23.1; a newer one can be unpacked beside the system's, or Chromium's SwiftShader named:
#
#   VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json bench/peers/tfjs.sh
set -e
cd "$(dirname "$0")"
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/tmp}"
node=$(command -v node) || { echo "*** NOT TIMED: TensorFlow.js. There is no node on this machine's PATH"; exit 0; }
if [ ! -d .npm/node_modules/webgpu ]; then
	mkdir -p .npm
	npm install --prefix .npm --no-audit --no-fund --save-exact webgpu@0.6.2 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-webgpu@4.22.0
fi
cp tfjs*.mjs .npm/ # imports are found beside the script
binary=$(mktemp)
trap 'rm -f "$binary"' EXIT
(cd .. && go test -c -o "$binary" .)
for round in $(seq "${1:-3}"); do
	"$node" .npm/tfjs_step.mjs 32 || exit 1
	(cd .. && "$binary" -test.run '^$' -test.bench 'Step/batch-32/gpu' -test.benchtime 1s | grep -e '^gpu' -e steps/s)
done
"$node" .npm/tfjs_matmul.mjs 512 1024
(cd .. && "$binary" -test.run '^$' -test.bench 'MatMul/.*/(512x|1024x|32x300x784|784x300x32|32x784x300).*/gpu' -test.benchtime 1s | grep GFLOP)
uptime
