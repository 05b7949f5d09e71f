#!/bin/sh
# Writes the Go types of two published protobuf schemas anew: ONNX's, from Debian's python3-onnx, and the part of TensorFlow's event files that is
# in internal/schema/events/events.proto. Needs Debian's protobuf-compiler and python3-onnx. The messages are put into a package of their own, so that a program
# may hold another copy of the schema: the bytes do not have the package's name in them.
set -e
onnx=/usr/lib/python3/dist-packages/onnx/onnx.proto
if ! command -v protoc >/dev/null || [ ! -e "$onnx" ]; then
	echo "schemas: this needs protoc and $onnx (Debian's protobuf-compiler and python3-onnx)" >&2
	exit 1
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
${GO:-go} build -o "$dir/protoc-gen-go" google.golang.org/protobuf/cmd/protoc-gen-go

# generate NAME LICENCE-NOTE: from $dir/NAME.proto, without its comments
generate() {
	module=github.com/gradus-ml/gradus/internal/schema/$1
	(cd "$dir" && protoc --descriptor_set_out="$1.set" "$1.proto" &&
		protoc --descriptor_set_in="$1.set" --plugin="$dir/protoc-gen-go" --go_out=. --go_opt="M$1.proto=$module" --go_opt="module=$module" "$1.proto")
	{ echo "// $2"; echo; cat "$dir/$1.pb.go"; } | gofmt >"internal/schema/$1/$1.pb.go"
}

sed 's/^package onnx;/package gradus.onnx;/' "$onnx" >"$dir/onnx.proto"
generate onnx "Made of onnx.proto, Copyright (c) ONNX Project Contributors, Apache-2.0 (https://github.com/onnx/onnx), by make schemas."
cp internal/schema/events/events.proto "$dir/events.proto"
generate events "Made of events.proto by make schemas."
