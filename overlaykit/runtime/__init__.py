"""Builds the collaborators, starts a room's processes, looks after them. The only place that wires things together."""
