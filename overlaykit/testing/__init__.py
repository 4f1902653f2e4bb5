"""For the tests of plugin authors. plugins/README.md shows it, under "Testing"."""

from overlaykit.testing.contexts import TestContext
from overlaykit.testing.platforms import Call, Delivered, FakePlatform
from overlaykit.testing.plugins import load_plugin
from overlaykit.testing.rooms import RunningRoom
from overlaykit.testing.signing import sign_hash_hex, sign_hmac_base64, sign_hmac_hex, sign_standard_webhook
from overlaykit.testing.stages import TestStage
from overlaykit.testing.standing_in import Happening, ShopStandIn

__all__ = [
    "Call",
    "Delivered",
    "FakePlatform",
    "Happening",
    "RunningRoom",
    "ShopStandIn",
    "TestContext",
    "TestStage",
    "load_plugin",
    "sign_hash_hex",
    "sign_hmac_base64",
    "sign_hmac_hex",
    "sign_standard_webhook",
]
