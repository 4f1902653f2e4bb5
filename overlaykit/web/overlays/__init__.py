"""Overlay pages: `/overlay/{layout}` and the socket that keeps them true."""

from __future__ import annotations

from flask import Blueprint, Flask

from overlaykit.web.edge import EXTENSION, Edge
from overlaykit.web.overlays.feed import Feed
from overlaykit.web.overlays.pages import Pages
from overlaykit.web.overlays.reports import PageMetrics
from overlaykit.web.overlays.shelf import Shelf
from overlaykit.web.overlays.views import Views
from overlaykit.web.rooms import Rooms
from overlaykit.web.services import Services


def register(app: Flask, services: Services, rooms: Rooms) -> None:
    """Adds the overlay pages, their files and `/ws/overlay` to the application."""
    edge: Edge = app.extensions[EXTENSION]
    shelf = Shelf(edge.themes, services.folder_of)
    views = Views(rooms, shelf)
    pages = Pages(views, shelf)
    feed = Feed(views, edge.gate.still_valid, services.client)
    edge.metrics.add(PageMetrics(feed.pages))
    blueprint = Blueprint("overlays", __name__)
    blueprint.get("/overlay/<layout>")(pages.page)
    blueprint.get("/overlay-files/runtime/<build>/<path:path>")(pages.runtime_file)
    blueprint.get("/overlay-files/themes/<theme>/<version>/<path:path>")(pages.theme_file)
    edge.sockets.route(blueprint, "/ws/overlay")(feed.serve)
    app.register_blueprint(blueprint)
