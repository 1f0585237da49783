"""Questions 1.1 and 1.7."""
