"""A phone as the page has one: a key of its own, an authorisation, codes made with no network."""

from typing import Any

from fastapi.testclient import TestClient

from ridecode.code import KeySigner, present
from ridecode.core import MICROS, from_iso


class Phone:
    def __init__(self, http: TestClient, account_type: int = 1) -> None:
        self._http = http
        self._key = KeySigner(KeySigner.new_scalar())
        body = {"user_key": self._key.public_key.hex(), "account_type": account_type}
        told = http.post("/v1/authorisations", json=body).json()
        self.account: str = told["card_account"]
        self._authorisation = bytes.fromhex(told["authorisation"])

    def code(self, age_s: int = 0) -> str:
        now = from_iso(self._http.get("/v1/demo/clock").json()["now"])
        return present(self._authorisation, self._key, now // MICROS - age_s).hex()

    def scan(self, place: str, code: str = "") -> dict[str, Any]:
        answer = self._http.post(f"/v1/places/{place}/scans", json={"code": code or self.code()})
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read

    def wait(self, seconds: int) -> None:
        self._http.post("/v1/demo/clock/advance", json={"seconds": seconds}).raise_for_status()

    def rides(self) -> list[dict[str, Any]]:
        answer = self._http.get("/v1/rides", params={"account": self.account})
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found
