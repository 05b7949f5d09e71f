# Writes keras.safetensors and keras.npz as the two lines of docs/keras.md do from a Keras model, with that model's names, but by NumPy alone; and
# keras.json, what the model gives. The safetensors file is written by the published format. Run in this folder.
import json
import struct

import numpy as np

random = np.random.default_rng(5)
draw = lambda *shape: random.normal(0, 0.5, shape).astype("<f4")
w = {
    "sequential_3/dense_7/kernel": draw(4, 6), "sequential_3/dense_7/bias": draw(6),
    "sequential_3/batch_normalization_2/gamma": 1 + draw(6), "sequential_3/batch_normalization_2/beta": draw(6),
    "sequential_3/batch_normalization_2/moving_mean": draw(6), "sequential_3/batch_normalization_2/moving_variance": 1 + draw(6) ** 2,
    "sequential_3/dropout_2/seed_generator_9/seed_generator_state": np.array([1, 2], "<u4"),
    "sequential_3/rms_normalization/scale": 1 + draw(6),
    "sequential_3/dense_10/kernel": draw(6, 3), "sequential_3/dense_10/bias": draw(3),
}
get = lambda name: w["sequential_3/" + name].astype("f8")
x = random.normal(0, 1, (5, 4)).astype("<f4")
y = np.maximum(x.astype("f8") @ get("dense_7/kernel") + get("dense_7/bias"), 0)
y = get("batch_normalization_2/gamma") * (y - get("batch_normalization_2/moving_mean")) / np.sqrt(
    get("batch_normalization_2/moving_variance") + 1e-3) + get("batch_normalization_2/beta")
y = get("rms_normalization/scale") * y / np.sqrt((y ** 2).mean(1, keepdims=True) + 1e-6)
y = y @ get("dense_10/kernel") + get("dense_10/bias")
y = np.exp(y - y.max(1, keepdims=True))
y /= y.sum(1, keepdims=True)

np.savez("keras.npz", **w)
header, data = {}, b""
for name in sorted(w):
    raw = w[name].tobytes()
    header[name] = {"dtype": {"f": "F32", "u": "U32"}[w[name].dtype.kind], "shape": list(w[name].shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
with open("keras.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
with open("keras.json", "w") as f:
    json.dump({"x": x.tolist(), "y": y.tolist()}, f)
