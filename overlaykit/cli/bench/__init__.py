"""`overlaykit bench`: measures this machine, and a peer beside it, in one run.

Figures of a shared machine drift, so what counts are ratios: with `--peer` the two are measured in turn, round by round, and
the median ratio is printed.
"""

from overlaykit.cli.bench.command import bench

__all__ = ["bench"]
