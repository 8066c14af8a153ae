"""How fast a core is just now: by it runs on a rented machine are compared, whose cores are half as
fast whenever somebody else uses their other half."""

import time
from hashlib import blake2b


def hash_ns(hashes: int) -> int:
    """CPU nanoseconds of one small hash, of so many one behind another, in this thread."""
    hashed, began = b"", time.thread_time_ns()
    for _ in range(hashes):
        hashed = blake2b(hashed).digest()
    return (time.thread_time_ns() - began) // hashes
