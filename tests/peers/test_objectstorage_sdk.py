#!/usr/bin/env python3
"""weir-local's Object Storage, driven by Oracle's Python SDK, which is given only endpoint and config file."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

if __name__ == "__main__":
    weirlocal.main()
