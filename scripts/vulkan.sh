#!/bin/sh
# Sees to it that a Linux machine has a Vulkan driver, so that the kernels can be tested: installs Mesa's software
# driver (lavapipe) where there is none and apt can be used. It never fails: the tests say what they could not test.
[ "$(uname -s)" = Linux ] || exit 0

has_driver() {
	[ -n "$VK_DRIVER_FILES$VK_ICD_FILENAMES" ] && return 0
	for dir in /usr/share/vulkan/icd.d /etc/vulkan/icd.d /usr/local/share/vulkan/icd.d; do
		ls "$dir"/*.json >/dev/null 2>&1 && return 0
	done
	return 1
}

has_loader() {
	for file in /usr/lib/libvulkan.so.1 /usr/lib/*/libvulkan.so.1 /usr/lib64/libvulkan.so.1 /usr/local/lib/libvulkan.so.1; do
		[ -e "$file" ] && return 0
	done
	return 1
}

has_driver && has_loader && exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root='sudo -n'
	$as_root true 2>/dev/null || as_root=none
fi
if [ "$as_root" = none ] || ! command -v apt-get >/dev/null; then
	echo "gradus: this machine has no Vulkan driver and none can be installed here: the GPU kernels will NOT be tested" >&2
	exit 0
fi
echo "gradus: no Vulkan driver found: installing mesa-vulkan-drivers (lavapipe, a software driver) with apt to test the GPU kernels" >&2
install_driver() {
	DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q --no-install-recommends mesa-vulkan-drivers libvulkan1
}
log=$(mktemp)
install_driver >"$log" 2>&1 || { $as_root apt-get update -q && install_driver; } >"$log" 2>&1 || {
	tail -n 3 "$log" >&2
	echo "gradus: that failed: the GPU kernels will NOT be tested" >&2
}
rm -f "$log"
