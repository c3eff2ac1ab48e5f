"""A real OpenID Connect provider, and a server that hears what it tells of who signed out there."""

import json
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django.conf import settings as project

from send_tracker.environment import read
from tests.people.openid.coming_in import CALLBACK, CLIENT, PEOPLE
from tests.replicas.servers import free_port
from tests.world import build_world

HERE = Path(__file__).parent
PROVIDER = Path(project.BASE_DIR) / "node_modules" / "oidc-provider"


class Hears(BaseHTTPRequestHandler):
    """Keeps the tokens that the provider's server sends; the test hands them on to the product."""

    def do_POST(self):
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.heard += sent["logout_token"]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        """Says nothing."""


@pytest.fixture(scope="module")
def heard():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hears)
    server.heard = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def provider(heard):
    node = shutil.which("node")
    if node is None or not PROVIDER.exists():
        pytest.skip("The provider is not installed: run python scripts/assets.py --tests")
    port = free_port()
    client = CLIENT | {
        "redirect_uris": [CALLBACK],
        "backchannel_logout_uri": f"http://127.0.0.1:{heard.server_port}/",
        "backchannel_logout_session_required": True,
    }
    told = json.dumps({"port": port, "client": client, "people": PEOPLE})
    process = subprocess.Popen([node, HERE / "provider.mjs", told], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while b"listening" not in (line := process.stdout.readline()):
        assert line, "the provider did not start"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def set_up(provider, settings):
    environ = {
        "OIDC_ISSUER": provider,
        "OIDC_CLIENT_ID": CLIENT["client_id"],
        "OIDC_CLIENT_SECRET": CLIENT["client_secret"],
        "OIDC_NAME": "the council",
    }
    found = read(environ, base=Path("/"))
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": found.openid_apps}}
    settings.OIDC_TRUSTS_ADDRESSES = False
    return provider
