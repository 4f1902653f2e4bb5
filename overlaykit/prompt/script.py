"""The line of each state, filled in with what there is now: as the plan's script says it, else as is usual."""

from __future__ import annotations

from msgspec.structs import replace

from overlaykit.board import BoardView, Fold
from overlaykit.plan import usual_script
from overlaykit.prompt.lines import LINES
from overlaykit.prompt.types import PromptState
from overlaykit.prompt.wording import Wording, language_of
from overlaykit.rules.expressions import CannotTell, ExpressionError, Expressions
from overlaykit.rules.facts import Sight, obs_facts


class Script:
    """The lines of one session. Those of the plan are in its language, the usual ones in `language`."""

    def __init__(self, fold: Fold, view: BoardView, language: str, wording: Wording) -> None:
        plan = fold.plan
        self._fold = fold
        self._view = view
        self._wording = wording
        self._written: dict[str, str] = plan.later.get("script", {})
        self._expressions = Expressions(plan)
        self._usual = usual_script(language) | {state: words.within(language) for state, words in LINES.items()}
        self._usual_expressions = (
            self._expressions if language == language_of(plan.locale) else Expressions(replace(plan, locale=language))
        )

    def line(self, state: PromptState, now: str, problems: list[str]) -> str:
        """The line of a state, about what is on air. Where the plan's own cannot be filled in, `problems` gets why, and the usual
        one is said."""
        written = self._written.get(state)
        if written is not None:
            try:
                if said := self._fill(self._expressions, written, now):
                    return said
            except ExpressionError as error:
                problems.append(self._wording.no_line(state, error.what))
            except CannotTell as error:
                problems.append(self._wording.no_line(state, error.words))
        return self._fill(self._usual_expressions, self._usual[state], now)

    def _fill(self, expressions: Expressions, template: str, now: str) -> str:
        sight = Sight(self._fold, self._view, obs_facts(self._fold))
        return " ".join(expressions.text(template).render(sight, None, now).split())
