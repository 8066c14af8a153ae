"""The issuer over the real road: TLS, its certificate, what it answers, and what it may not."""

import datetime
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ridecode.access.oidc.keys import https
from ridecode.core import UnavailableError


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = {
            "/good": (200, b'{"keys": []}'),
            "/moved": (302, b""),
            "/broken": (500, b"{}"),
            "/endless": (200, b"x" * ((1 << 20) + 1)),
        }[self.path]
        self.send_response(status)
        self.send_header("Location", "/good")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is told."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, vouched for by itself; the key is in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("issuer") / "both.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    return file


@pytest.fixture
def issuer(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def _trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.mark.usefixtures("_trusted")
def test_an_issuer_whose_certificate_is_trusted_is_heard(issuer: str) -> None:
    assert https(f"{issuer}/good") == b'{"keys": []}'


def test_one_whose_certificate_is_not_trusted_is_not(issuer: str) -> None:
    with pytest.raises(UnavailableError, match=r"(?i)certificate"):
        https(f"{issuer}/good")


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(
    ("path", "what"), [("moved", "answers 302"), ("broken", "answers 500"), ("endless", "1 MiB")]
)
def test_what_is_no_plain_answer_is_of_no_use(issuer: str, path: str, what: str) -> None:
    with pytest.raises(UnavailableError, match=what):
        https(f"{issuer}/{path}")


def test_where_nobody_listens_nobody_is_heard() -> None:
    with pytest.raises(UnavailableError):
        https("https://127.0.0.1:1/good")
