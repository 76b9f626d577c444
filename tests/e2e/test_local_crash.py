#!/usr/bin/env python3
"""kill -9 of weir-local in the middle of its work, then another start."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

if __name__ == "__main__":
    weirlocal.main()
