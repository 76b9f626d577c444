#!/usr/bin/env python3
"""Malformed and hostile requests to weir-local: each gets its 4xx, changes nothing, and the service goes on."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import weirlocal

if __name__ == "__main__":
    weirlocal.main()
