"""The description of the interface: true, whole, and held against the application itself."""

from collections.abc import Iterator
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

    @settings(max_examples=15, database=None, suppress_health_check=_SLOW)
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


def test_every_value_has_an_example(http: TestClient) -> None:
    """What is asked for and what is answered, down to the last field."""
    described = http.get("/openapi.json").json()
    parts = described["components"]["schemas"]
    bare = [
        f"{method} {path}: {name}"
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        for name, schema in _values(operation)
        for name in _without_example(name, schema, parts)
    ]
    assert bare == []


def _values(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for parameter in operation.get("parameters", ()):
        yield parameter["name"], parameter["schema"]
    if body := operation.get("requestBody"):
        for content in body["content"].values():
            yield "body", content["schema"]
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            for content in answer.get("content", {}).values():
                yield status, content["schema"]


def _without_example(name: str, schema: dict[str, Any], parts: dict[str, Any]) -> list[str]:
    """The names of the values below a schema for which nothing is shown."""
    if "examples" in schema or "default" in schema:
        return []
    if "$ref" in schema:
        return _without_example(name, parts[schema["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema:
        some = [one for one in schema["anyOf"] if one.get("type") != "null"]
        return min((_without_example(name, one, parts) for one in some), key=len)
    if schema.get("type") == "array":
        return _without_example(f"{name}[]", schema["items"], parts)
    if "properties" in schema:
        return [
            bare
            for key, value in schema["properties"].items()
            for bare in _without_example(f"{name}.{key}", value, parts)
        ]
    return [name]


def test_the_manual_asks_no_other_host(http: TestClient) -> None:
    page = http.get("/docs").text
    assert "https://" not in page
    assert "/manual/swagger-ui-bundle.js" in page
