"""What every test starts from."""

import torch
from hypothesis import settings

# Tests may share a machine: one thread, and the same examples in every run whatever its speed.
torch.set_num_threads(1)
settings.register_profile("unroll", deadline=None, derandomize=True)
settings.load_profile("unroll")
