"""What every test starts from."""

import os
import signal
import sys
from pathlib import Path

import torch
from hypothesis import settings

# Tests may share a machine: one thread, and the same examples in every run whatever its speed.
torch.set_num_threads(1)
settings.register_profile("unroll", deadline=None, derandomize=True)
settings.load_profile("unroll")

# Who starts the suite in the background of a script starts it deaf to Ctrl-C, and so would be the
# processes that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The suite starts some hundred processes: where none may write bytecode beside the sources, each
# would compile them anew.
if sys.dont_write_bytecode:
    sys.pycache_prefix = str(Path(__file__).parents[1] / "build" / "bytecode")
    sys.dont_write_bytecode = False
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
