"""What platforms call: their messages, and a shop's owner who comes back from saying yes."""
