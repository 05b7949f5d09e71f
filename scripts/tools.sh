#!/bin/sh
# Installs what some tests compare with and the module itself does not need, into .tools: onnxruntime from npm, which runs exported networks. And from Debian, where
# apt can be used, ONNX's own checker. No install script of a package is run.
set -e
cd "$(dirname "$0")/.."
if command -v npm >/dev/null; then
	mkdir -p .tools
	[ -e .tools/package.json ] || echo '{"private": true}' >.tools/package.json
	npm install --prefix .tools --ignore-scripts --no-audit --no-fund --save-exact onnxruntime-node@1.30.0
else
	echo "tools: npm is missing: exported networks will NOT be run in onnxruntime" >&2
fi
if ! /usr/bin/python3 -c 'import onnx' 2>/dev/null && command -v apt-get >/dev/null; then
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3-onnx ||
		echo "tools: python3-onnx could not be installed: exported networks will NOT be checked by it" >&2
fi
