"""OBS under control: connected, reconciled, switched in time, and left to people who take it into their hands."""

from overlaykit.director.obs.controller import Heard, ObsController
from overlaykit.director.obs.link import Address, ObsLink, Reach, Request, open_link
from overlaykit.director.obs.settings import ObsSettings, TextBinding, obs_settings

__all__ = [
    "Address",
    "Heard",
    "ObsController",
    "ObsLink",
    "ObsSettings",
    "Reach",
    "Request",
    "TextBinding",
    "obs_settings",
    "open_link",
]
