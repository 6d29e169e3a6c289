# SPDX-License-Identifier: Apache-2.0
"""Imported first by every script here: goes on with the Python of .deps, which has what the tests' support needs, and
finds that support."""

import os
import pathlib
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = PROJECT / ".deps" / "python"

if pathlib.Path(sys.prefix).resolve() != PYTHON.resolve():
    if not PYTHON.exists():
        sys.exit("bench: what the tests need is not installed: deploy/dependencies/install.sh test")
    os.execv(PYTHON / "bin" / "python", [str(PYTHON / "bin" / "python"), *sys.argv])

sys.dont_write_bytecode = True
sys.path.insert(0, str(PROJECT / "tests" / "integration"))
