"""`overlaykit bench`: measures this machine, in ratios.

Figures of a shared machine drift, so what is compared takes turns within one run, round by round, and medians are printed. A
kind of measurement is a file here; `kinds` says what each stands on, and `tests/benchmarks/README.md` what each says.
"""

from overlaykit.cli.bench.command import bench

__all__ = ["bench"]
