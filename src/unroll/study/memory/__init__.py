"""Questions 1.2, 1.3 and 1.6, and the same equations further."""
