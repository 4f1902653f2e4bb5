"""session.toml: read, typed, resolved, and every problem in it named with its place, in Chinese and English.

Two steps: `load_plan` checks everything of ours and keeps what belongs to plugins as it stands; `check_extensions` checks
that once plugins are known, with the same errors.
"""

from overlaykit.plan.announcements import announcements_of
from overlaykit.plan.difference import Change, Difference, FieldChange, Kept, difference
from overlaykit.plan.emergencies import Emergency, consequences, emergencies_of
from overlaykit.plan.extensions import check_extensions
from overlaykit.plan.loading import DoEntry, LoadedPlan, SettingsTable, load_plan
from overlaykit.plan.problems import Problem, nearest_name, plan_error
from overlaykit.plan.schema import plan_schema, without_null
from overlaykit.plan.script import usual_script
from overlaykit.words import Words, in_both, words_in

__all__ = [
    "Change",
    "Difference",
    "DoEntry",
    "Emergency",
    "FieldChange",
    "Kept",
    "LoadedPlan",
    "Problem",
    "SettingsTable",
    "Words",
    "announcements_of",
    "check_extensions",
    "consequences",
    "difference",
    "emergencies_of",
    "in_both",
    "load_plan",
    "nearest_name",
    "plan_error",
    "plan_schema",
    "usual_script",
    "without_null",
    "words_in",
]
