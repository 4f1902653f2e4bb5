"""Checks of sources that look at more than one section."""

from __future__ import annotations

from overlaykit.model.sessions import SOURCE_EVERY, STALE_AFTER
from overlaykit.plan.form import PlanForm
from overlaykit.plan.reader import Findings
from overlaykit.plan.values import seconds_of
from overlaykit.words import Words


def check_sources(form: PlanForm, findings: Findings) -> None:
    """A source that is asked less often than its locations bear its silence would be stale between any two answers."""
    for name, source in (form.source or {}).items():
        every = SOURCE_EVERY if source.every is None else seconds_of(source.every)
        for place, location in (form.location or {}).items():
            patience = STALE_AFTER if location.stale_after is None else seconds_of(location.stale_after)
            if name in (location.source, location.backup) and every >= patience:
                what = Words(
                    f"it is asked every {every:g} s, and {place} takes it for silent after {patience:g} s",
                    f"每 {every:g} 秒取一次，而 {place} 在 {patience:g} 秒没有数据时就算中断",
                )
                expected = Words(
                    f"`every` shorter than {patience:g} s, or a longer `stale_after` in [location.{place}]",
                    f"`every` 短于 {patience:g} 秒，或把 [location.{place}] 的 `stale_after` 调长",
                )
                findings.add((*source.at, "every"), what, expected)
