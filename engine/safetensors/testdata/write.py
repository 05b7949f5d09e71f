# Writes foreign.safetensors by the published format (https://huggingface.co/docs/safetensors), with NumPy and json alone: the independent
# writer that the reader is tested with. Run in this folder.
import json
import struct

import numpy as np

f32 = np.array([[1.5, -2.25, 3e38], [1e-45, np.inf, np.nan]], "<f4")
tensors = [
    ("half", "F16", np.array([1.0, -2.5, 6.1035156e-05, 5.9604645e-08, 65504.0, np.inf, -np.inf, np.nan, -0.0], "<f2")),
    ("double", "F64", np.array([1 / 3, -1e300, 5e-324], "<f8")),
    ("dense/kernel", "F32", f32),
    ("brain", "BF16", (f32.reshape(-1).view("<u4") >> 16).astype("<u2")),
    ("scalar", "F32", np.array(7, "<f4")),
    ("empty", "F32", np.zeros((0, 3), "<f4")),
    ("whole", "I64", np.array([1, -2], "<i8")),
    ("umlaut ü \"quoted\"", "F32", np.array([8], "<f4")),
]
header, data = {"__metadata__": {"format": "np", "text": "ü\n\""}}, b""
for name, dtype, values in tensors:
    raw = values.tobytes()
    header[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
with open("foreign.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
