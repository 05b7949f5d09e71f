# Writes the arrays that the reader is tested with, by NumPy itself. Run in this folder.
import numpy as np

a = np.arange(6).reshape(2, 3)
for name, dtype in [("f4", "<f4"), ("f8", "<f8"), ("f2", "<f2"), ("big", ">f4"), ("u1", "u1"), ("i8", "<i8"), ("bool", "?")]:
    np.save(name + ".npy", a.astype(dtype) - (2.5 if "f" in dtype else 0))
np.save("fortran.npy", np.asfortranarray(a.astype("<f4")))
np.save("scalar.npy", np.float32(7))
np.save("empty.npy", np.zeros((0, 4), "<f4"))
np.save("objects.npy", np.array([{}], object), allow_pickle=True)
with open("version2.npy", "wb") as f:
    np.lib.format.write_array(f, a.astype("<f4"), version=(2, 0))
with open("version3.npy", "wb") as f:
    np.lib.format.write_array(f, a.astype("<f4"), version=(3, 0))
weights = {"dense/kernel": a.astype("<f4"), "dense/bias": np.array([1, 2, 3], "<f8")}
np.savez("stored.npz", **weights)
np.savez_compressed("deflated.npz", **weights)
