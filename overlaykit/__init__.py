"""Exact stock, live overlays and OBS control for live-commerce rooms. README.md in this folder is the map."""
