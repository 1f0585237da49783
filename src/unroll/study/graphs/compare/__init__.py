"""Sequences against graphs: the experiments, one a file."""
