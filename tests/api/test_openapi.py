"""The description of the interface: true, whole, and held against the application itself."""

from typing import Any

import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance


def test_no_request_breaks_it_and_every_answer_is_as_described(app: FastAPI) -> None:
    """Made-up requests for every route, well-formed and not, each answer held against OpenAPI."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [found for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len(operations) >= 15
    for operation in operations:
        _try(operation.ok())


def _try(operation: Any) -> None:
    """That a schema lets a request pass does not make it good: no schema can say that 33 bytes are
    a point of the curve, or that a stop is one of this city. So that one check is left out."""

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=_SLOW)
    @seed(1179)
    @given(case=operation.as_strategy())
    def answers(case: Any) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    answers()


_SLOW = list(HealthCheck)


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
