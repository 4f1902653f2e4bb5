"""Every kind of alert has its words, alone and together with others, and every kind of task."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from overlaykit.model.alerts import AlertKind
from overlaykit.model.notes import ActionStatus, TaskKind
from overlaykit.web.words import LANGUAGES, words
from overlaykit.wording.reasons import QUARANTINED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_words_alone_and_together(language: str) -> None:
    say = words(language)
    for kind in get_args(AlertKind):
        assert say[f"alert_{kind}"]
        assert re.search(r"\{n[|}]", say[f"alerts_{kind}"])
    assert all(say[f"alert_why_{reason}"] for reason in QUARANTINED), "why a fact was put aside"
    assert all(say[f"act_{status}"] for status in get_args(ActionStatus)), "what came of an action"
    ours = {*get_args(TaskKind)} - {"instead", "usual"}
    assert {kind for kind in ours if say[f"task_is_{kind}"]} == ours, "what a task of ours says"
