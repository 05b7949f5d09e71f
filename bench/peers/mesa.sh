#!/bin/sh
# Unpacks the lavapipe of Debian's backports beside the system's, into bench/peers/.mesa, and prints the path of its Vulkan manifest. Dawn refuses lavapipe
# before Mesa 23.1, which is what Debian 12 has. Nothing is installed, and the system's lists of packages stay as they are.
#
#   VK_DRIVER_FILES=$(bench/peers/mesa.sh) program
set -e
cd "$(dirname "$0")"
mkdir -p .mesa/lists/partial
cd .mesa
root=$(pwd)
manifest=$root/lavapipe.json
if [ ! -f "$manifest" ]; then
	. /etc/os-release
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $VERSION_CODENAME-backports main" >sources.list
	apt() { apt-get -q -o Dir::Etc::sourcelist="$root/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$root/lists" "$@" >&2; }
	apt update
	apt -o APT::Sandbox::User=root download mesa-vulkan-drivers
	dpkg-deb -x mesa-vulkan-drivers_*.deb . >&2
	library=$(find "$root/usr" -name libvulkan_lvp.so)
	if ldd "$library" | grep 'not found' >&2; then
		echo "mesa.sh: $library lacks libraries" >&2
		exit 1
	fi
	printf '{"file_format_version": "1.0.0", "ICD": {"api_version": "1.3.0", "library_path": "%s"}}\n' "$library" >"$manifest"
fi
echo "$manifest"
