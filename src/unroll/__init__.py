"""How far does information travel in a network, and what stops it?"""

__version__ = "0.1.0"
