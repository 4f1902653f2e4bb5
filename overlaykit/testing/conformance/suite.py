"""The suite: of all its tests, those that the connector's capabilities call for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from overlaykit.pluginhost.registrations import Registrations
from overlaykit.testing.conformance.case import Case
from overlaykit.testing.conformance.messages import MessageTests
from overlaykit.testing.conformance.orders import OrderTests, PollTests
from overlaykit.testing.conformance.outward import PushTests, ReadTests, SpeakTests


class ConnectorConformance(MessageTests, OrderTests, PollTests, PushTests, SpeakTests, ReadTests):
    """Subclass it with `case`, and pytest runs it. Tests of what the connector does not promise are left out."""

    case: ClassVar[type[Case[Any]]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        case = getattr(cls, "case", None)
        if case is None:
            return
        for name in dir(cls):
            only_if = getattr(getattr(cls, name), "only_if", None)
            if only_if is not None and not only_if(case):
                setattr(cls, name, None)

    @pytest.fixture
    def subject(self) -> Iterator[Case[Any]]:
        """A case with a platform of its own."""
        case = self.case()
        with case.platform:
            yield case
            assert not case.platform.failures, f"the made-up platform failed:\n{case.platform.failures[0]}"

    def test_the_connector_can_be_registered(self, subject: Case[Any]) -> None:
        Registrations().connector(subject.connector)
        assert subject.connector.title, "title is what people call it"
        assert subject.connector.capabilities, "capabilities say what it can do"
