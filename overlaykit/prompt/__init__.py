"""What the presenter should say now: a fold and the plan's script → `Prompt`. Pure: no I/O, no clock of its own."""

from overlaykit.prompt.prompter import Prompter
from overlaykit.prompt.types import (
    Prompt,
    PromptCountdown,
    PromptDrop,
    PromptItem,
    PromptNext,
    PromptNote,
    PromptState,
    PromptVariant,
)
from overlaykit.prompt.wording import LANGUAGES, language_of

__all__ = [
    "LANGUAGES",
    "Prompt",
    "PromptCountdown",
    "PromptDrop",
    "PromptItem",
    "PromptNext",
    "PromptNote",
    "PromptState",
    "PromptVariant",
    "Prompter",
    "language_of",
]
