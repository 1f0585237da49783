"""The workers of a Dask scheduler, with which any study can be run."""
