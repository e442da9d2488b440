"""A secret in locked memory, from Python: libstayput through ctypes.

    python3 secret.py KEYFILE

Python's own strings and bytes can't be locked or wiped. So the key is read by the
system straight into locked memory (readinto on an unbuffered file) and handed on as
a memoryview; bytes(key.view) would make an unprotected copy.
"""

import ctypes
import os
import sys

library = ctypes.CDLL(os.environ.get("STAYPUT_LIBRARY", "libstayput.so.0"), use_errno=True)
library.stayput_secret_new.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
library.stayput_secret_data.argtypes = [ctypes.c_void_p]
library.stayput_secret_data.restype = ctypes.c_void_p
library.stayput_secret_free.argtypes = [ctypes.c_void_p]
library.stayput_secret_free.restype = None
library.stayput_last_error_text.restype = ctypes.c_char_p


class Secret:
    """Bytes in locked memory: wiped at the end of the `with` block."""

    def __init__(self, size):
        handle = ctypes.c_void_p()
        if library.stayput_secret_new(None, size, ctypes.byref(handle)) != 0:
            text = library.stayput_last_error_text().decode()
            raise OSError(ctypes.get_errno(), text)
        self.handle = handle
        self.address = library.stayput_secret_data(handle)
        self.view = memoryview((ctypes.c_ubyte * size).from_address(self.address)).cast("B")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.view.release()  # later use is an error, not a stray read
        library.stayput_secret_free(self.handle)


def is_locked(address):
    """Whether the kernel says so: `lo` in the VmFlags of /proc/self/smaps."""
    inside = False
    with open("/proc/self/smaps") as smaps:
        for line in smaps:
            first = line.split()[0]
            if not first.endswith(":"):
                start, end = (int(part, 16) for part in first.split("-"))
                inside = start <= address < end
            elif inside and first == "VmFlags:":
                return "lo" in line.split()
    return False


def main(path):
    size = os.stat(path).st_size
    with Secret(size) as key:
        with open(path, "rb", buffering=0) as file:
            if file.readinto(key.view) != size:
                sys.exit(f"{path}: shorter than it said")
        print(f"{len(key.view)} bytes, checksum {sum(key.view)}")
        print("locked" if is_locked(key.address) else "NOT locked")
        address = key.address
    # The pool keeps the page: what lies there now is what is left of the key.
    left = ctypes.string_at(address, size)
    print("wiped" if left == bytes(size) else "NOT wiped")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: secret.py KEYFILE")
    main(sys.argv[1])
