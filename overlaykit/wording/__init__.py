"""The ledger in words: an entry as an operator says it, in Chinese and in English. Pure.

`Teller` makes a sentence of a ledger line, and a list of all that it says; `of_reason` says why something was refused,
`of_field` what a field is called, `person` who is behind a source of entries.
"""

from overlaykit.wording.details import Detail
from overlaykit.wording.kinds import KINDS, Kind, kind_of
from overlaykit.wording.labels import of_field
from overlaykit.wording.people import person
from overlaykit.wording.reasons import of_quarantine, of_reason
from overlaykit.wording.teller import EMPHASES, Emphasis, Teller, Told

__all__ = [
    "EMPHASES",
    "KINDS",
    "Detail",
    "Emphasis",
    "Kind",
    "Teller",
    "Told",
    "kind_of",
    "of_field",
    "of_quarantine",
    "of_reason",
    "person",
]
