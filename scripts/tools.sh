#!/bin/sh
# Installs what the tests use beside Go: drivers, compilers and checkers of Debian's, and from npm, into .tools, what runs in node. It is quick when
# all is there, and never fails: the tests say what they could not test, and fail under GRADUS_REQUIRE_GPU=1. No install script of a
# package of npm's is run.
#
#   mesa-vulkan-drivers      lavapipe, the Vulkan driver that the kernels run on
#   chromium                 SwiftShader, a second Vulkan driver
#   clang                    compiles the Metal source of the kernels
#   spirv-tools              spirv-val
#   vulkan-validationlayers  Khronos's check of the calls of Vulkan
#   qemu-user-static         runs the tests of arm64
#   dataset-fashion-mnist    the whole data set
#   python3-onnx             ONNX's own checker
#   webgpu (npm)             Tint, the WGSL compiler of Chrome
#   onnxruntime-node (npm)   runs exported networks
[ "$(uname -s)" = Linux ] || exit 0
cd "$(dirname "$0")/.." || exit 0

packages='mesa-vulkan-drivers libvulkan1 chromium clang spirv-tools vulkan-validationlayers qemu-user-static dataset-fashion-mnist python3-onnx'
modules='webgpu@0.6.2 onnxruntime-node@1.30.0'

log=$(mktemp)
trap 'rm -f "$log"' EXIT
as_root=
[ "$(id -u)" = 0 ] || as_root='sudo -n'

install() {
	DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1
}

# Of the packages given, prints those that are not installed.
lacking() {
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
	done
}

debian() {
	command -v npm >/dev/null || packages="$packages nodejs npm"
	missing=$(lacking $packages)
	[ -n "$missing" ] || return
	echo "tools: installing" $missing >&2
	install $missing || { $as_root apt-get update -q >"$log" 2>&1 && install $missing; } || tail -n 3 "$log" >&2
	for package in $(lacking $missing); do # those that there are, if one was not to be had
		install "$package" || echo "tools: $package could not be installed: what needs it will NOT be tested" >&2
	done
}

npm_modules() {
	wanted=
	for module in $modules; do
		grep -qs "\"version\": \"${module#*@}\"" ".tools/node_modules/${module%@*}/package.json" || wanted=$modules
	done
	[ -n "$wanted" ] || return
	echo "tools: installing $wanted" >&2
	mkdir -p .tools
	[ -e .tools/package.json ] || echo '{"private": true}' >.tools/package.json
	npm install --prefix .tools --ignore-scripts --no-audit --no-fund --save-exact $wanted >"$log" 2>&1 || {
		tail -n 3 "$log" >&2
		echo "tools: that failed: what needs it will NOT be tested" >&2
	}
}

if command -v apt-get >/dev/null && { [ -z "$as_root" ] || $as_root true 2>/dev/null; }; then
	debian
else
	echo "tools: packages cannot be installed here" >&2
fi
if command -v npm >/dev/null; then
	npm_modules
else
	echo "tools: npm is missing: Tint and onnxruntime will NOT be tested with" >&2
fi
exit 0
