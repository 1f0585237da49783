"""The version, which records and messages name: below everything, as the package imports it all."""

__version__ = "0.1.0"
