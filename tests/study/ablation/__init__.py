"""The ablation."""
