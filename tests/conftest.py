"""What every test starts from."""

import signal

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
