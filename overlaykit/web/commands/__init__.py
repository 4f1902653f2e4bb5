"""Commands from the request to the engine, and their outcomes back."""
