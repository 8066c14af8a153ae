"""The description of the interface: true, whole, and held against the application itself."""

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings


@pytest.fixture
def described(app: FastAPI) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", app)


whole = schemathesis.pytest.from_fixture("described")


@whole.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_it_and_every_answer_is_as_described(case: Any) -> None:
    case.call_and_validate()


def test_every_route_is_described_with_its_errors(http: TestClient) -> None:
    described = http.get("/openapi.json").json()
    routes = [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    assert len(routes) >= 15
    for path, method, operation in routes:
        assert operation.get("description"), f"{method} {path} says nothing of itself"
        assert "404" in operation["responses"], f"{method} {path} hides its errors"


def test_the_manual_asks_no_other_host(http: TestClient) -> None:
    page = http.get("/docs").text
    assert "https://" not in page
    assert "/manual/swagger-ui-bundle.js" in page
