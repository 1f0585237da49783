"""What the playground trains for itself where there is nothing: in processes of their own."""
