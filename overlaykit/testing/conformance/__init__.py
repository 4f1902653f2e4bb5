"""The suite that a connector passes, in three lines of its tests:

    class TestAcme(ConnectorConformance):
        case = AcmeCase

`AcmeCase` is a `Case`: it says what the platform sends and does. The suite asks the rest. It needs pytest.
"""

from overlaykit.testing.conformance.case import Case
from overlaykit.testing.conformance.suite import ConnectorConformance

__all__ = ["Case", "ConnectorConformance"]
