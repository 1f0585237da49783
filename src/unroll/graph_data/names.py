"""Graphs by the names that the command line knows. Imports no torch, so that --help is quick."""

DATA_NAMES = {
    "karate": "Zachary's karate club: 34 members, 78 friendships, two factions; comes with unroll",
    "cora": "2,708 papers on machine learning and their citations, 7 subjects",
    "citeseer": "3,327 papers of computer science and their citations, 6 subjects",
    "pubmed": "19,717 papers on diabetes and their citations, 3 kinds",
}
"""What each graph is. Those of citations are the files of Planetoid (Yang et al. 2016)."""
PLANETOID_NAMES = ("cora", "citeseer", "pubmed")
"""Graphs that are read from a folder or downloaded."""
