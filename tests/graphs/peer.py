"""torch_geometric's layers, the independent reference for ours."""

import warnings

with warnings.catch_warnings():
    # Importing it compiles with torch.jit.script, of which PyTorch 2.13 warns; warnings are errors
    # here, and this one is about a file that is not ours.
    warnings.simplefilter("ignore", DeprecationWarning)
    from torch_geometric.nn import GATConv, GCNConv
    from torch_geometric.utils import add_remaining_self_loops

__all__ = ["GATConv", "GCNConv", "add_remaining_self_loops"]
