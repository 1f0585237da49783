"""Speed, against peers and against the machine's own limits: one module a question."""
