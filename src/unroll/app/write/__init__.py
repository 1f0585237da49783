"""Write: a trained model continues a text, character by character."""
