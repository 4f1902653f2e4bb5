"""What happens by itself: the clock that ends holds and countdowns, and the recorder.

One director leads a session, others stand by; every one of them records.
"""

from overlaykit.director.run import run_director

__all__ = ["run_director"]
