#!/usr/bin/env python3
"""Who is let in by weir-local: signatures, dates, keys, hashes of bodies."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

if __name__ == "__main__":
    weirlocal.main()
