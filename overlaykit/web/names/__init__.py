"""Names in a command or an address that the room does not have, and what to say of them."""
