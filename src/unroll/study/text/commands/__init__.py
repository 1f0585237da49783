"""What the commands under `unroll text` do: one module a command, plain values out."""
