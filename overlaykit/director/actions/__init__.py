"""What rules, buttons and emergency plans can do, one family a file. `builtin` registers them, as a plugin would."""
