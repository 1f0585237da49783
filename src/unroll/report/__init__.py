"""From sections to one page: figures and tables drawn from what was recorded."""
