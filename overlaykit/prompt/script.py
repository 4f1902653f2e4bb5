"""The line of each state, filled in with what there is now: as the plan's script says it, else as is usual."""

from __future__ import annotations

from overlaykit.board import BoardView, Fold
from overlaykit.plan import usual_script
from overlaykit.prompt.lines import LINES
from overlaykit.prompt.types import PromptState
from overlaykit.prompt.wording import Wording
from overlaykit.rules.expressions import CannotTell, ExpressionError, Expressions
from overlaykit.rules.facts import Sight, obs_facts


class Script:
    """The lines of one session, in its language: viewers hear them."""

    def __init__(self, fold: Fold, view: BoardView, wording: Wording) -> None:
        locale = fold.plan.locale
        self._fold = fold
        self._view = view
        self._wording = wording
        self._expressions = Expressions(fold.plan)
        self._written: dict[str, str] = fold.plan.later.get("script", {})
        self._usual = usual_script(locale) | {state: words.within(locale) for state, words in LINES.items()}

    def line(self, state: PromptState, now: str, problems: list[str]) -> str:
        """The line of a state, about what is on air. Where the plan's own cannot be filled in, `problems` gets why, and the usual
        one is said."""
        written = self._written.get(state)
        if written is not None:
            try:
                if said := self._fill(written, now):
                    return said
            except ExpressionError as error:
                problems.append(self._wording.no_line(state, error.what))
            except CannotTell as error:
                problems.append(self._wording.no_line(state, error.why))
        return self._fill(self._usual[state], now)

    def _fill(self, template: str, now: str) -> str:
        sight = Sight(self._fold, self._view, obs_facts(self._fold))
        return " ".join(self._expressions.text(template).render(sight, None, now).split())
