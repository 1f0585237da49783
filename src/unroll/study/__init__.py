"""The study: one module a question, what is asked and what is run."""
