"""A web process by itself, as the tests start it: `python serve_app.py STORE_URL STATE_FOLDER PORT OPEN_FILES`.

OPEN_FILES: how many it believes it may have open; 0 for any number. It has the connector `shop` of the tests, one that only asks,
one that only writes, the secrets and tokens of STATE_FOLDER, one that the environment sets, and a plugin that is broken.
"""

# ruff: noqa: E402
import gc

gc.disable()  # as in a room, see runtime/child.py

from gevent import monkey

monkey.patch_all()

import logging
import socket
import sys
from pathlib import Path

from overlaykit.config import Config
from overlaykit.model.connectors import Capability, Connector
from overlaykit.model.plugins import Theme
from overlaykit.model.settings import Settings
from overlaykit.pluginhost import PluginStatus
from overlaykit.runtime.secrets import KeptSecrets
from overlaykit.runtime.tokens import cookie_key, known_texts
from overlaykit.stock import SessionDirectory
from overlaykit.store import Tokens, connect
from overlaykit.web import Services, create_app, serve
from tests.inbox.shop import Shop

REPOSITORY = Path(__file__).resolve().parents[2]
THEMES = {"classic": REPOSITORY / "themes" / "classic", "wall": REPOSITORY / "tests" / "browser" / "themes" / "wall"}

PLUGINS = (
    PluginStatus(name="shop", kind="plugin", where="tests/inbox", state="active", provides=("connector shop",)),
    PluginStatus(
        name="broken",
        kind="plugin",
        where="/srv/room/plugins/broken",
        state="failed",
        reason="importing it raised SyntaxError: '(' was never closed (__init__.py, line 12)",
        remedy="Mend the plugin, or take it out of its folder.",
        trace="Traceback …",
    ),
)


class Mall(Shop):
    """A shop that its owner lets the app act for at a page of the platform."""

    def authorise_url(self, callback: str, state: str) -> str | None:
        return f"https://shop.example.com/yes?state={state}&callback={callback}"


class Asked(Connector[Settings]):
    name = "asked"
    capabilities = frozenset({Capability.ORDERS_POLL})


class Talk(Connector[Settings]):
    name = "talk"
    capabilities = frozenset({Capability.CHAT_SEND})


def main() -> None:
    gc.freeze()
    gc.enable()
    url, state, port, open_files = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    logging.basicConfig(level=logging.INFO)
    client = connect(url)
    secrets = KeptSecrets(state, {"NOTIFIER_GROUP_SECRET": "of the environment"})
    services = Services(
        config=Config(state=state, port=port),
        redis_url=url,
        client=client,
        tokens=Tokens(client),
        directory=SessionDirectory(client),
        themes={name: Theme(name, folder) for name, folder in THEMES.items()},
        signing_key=cookie_key(state),
        connectors={"shop": Mall, "asked": Asked, "talk": Talk},
        secrets=secrets,
        keeper=secrets,
        plugins=lambda: PLUGINS,
        addresses=lambda: [f"http://192.0.2.9:{port}", f"http://127.0.0.1:{port}"],
        token_texts=lambda: known_texts(Tokens(client), state, {}),
        open_files=open_files or None,
    )
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(256)
    serve(create_app(services), listening, lambda: None, on_ready=lambda: print("ready", flush=True))


if __name__ == "__main__":
    main()
