"""What happens by itself: rules that act, OBS under control, the clock that ends holds and countdowns, the recorder, memory given
back, the way back after a loss, the running audit.

One director leads a session, others stand by; every one of them records.
"""
