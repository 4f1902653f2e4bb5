"""The words of the system as types: commands, outcomes, ledger entries, the resolved plan, and what plugins extend.

Pure data. Nothing here does I/O, reads a clock or knows Redis, HTTP or a screen.
"""
