"""The manual of the HTTP interface, in the browser: Swagger UI from our own files."""

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from ridecode.api.allowed import PUBLIC

_ASSETS = "/manual"


def add(app: FastAPI) -> None:
    """Show the manual at /docs; no other host is asked for anything."""

    @app.get("/docs", include_in_schema=False, dependencies=[PUBLIC])
    def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url or "",
            title="ridecode · HTTP",
            swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS}/swagger-ui.css",
            swagger_favicon_url="/mark.svg",
        )
