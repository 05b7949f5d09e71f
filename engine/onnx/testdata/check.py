"""Runs ONNX's own checker over the files named as arguments and infers the shape of everything in them. Needs Debian's python3-onnx."""
import sys

import onnx
import onnx.shape_inference

for name in sys.argv[1:]:
    try:
        model = onnx.load(name)
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    except Exception as e:  # all files are to be checked
        print(name, str(e).replace("\n", " "))
