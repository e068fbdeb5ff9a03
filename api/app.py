"""The application: its routers, its errors and its description."""

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.types import ASGIApp

from api import (
    analyze,
    deliveries,
    endpoints,
    evaluate,
    export,
    guide,
    health,
    jobs,
    moderate,
    packs,
    passages,
    pools,
    problems,
    recommendations,
    results,
    resumes,
    screenings,
    uploads,
)
from api.limits import BodyLimit
from api.notice import NOTICE
from api.problems import RESPONSES, ProblemBody
from api.rates import RateFields
from api.requests import Observed

# Routes are tried one after another: what is polled comes first.
ROUTERS = (
    screenings.router,
    uploads.router,
    health.router,
    pools.router,
    resumes.router,
    jobs.router,
    results.router,
    export.router,
    passages.router,
    endpoints.router,
    deliveries.router,
    guide.router,
    evaluate.router,
    analyze.router,
    recommendations.router,
    moderate.router,
    packs.router,
)


class Winnow(FastAPI):
    """FastAPI, with the shape of a problem among its schemas, and with every request observed, crashes included."""

    def build_middleware_stack(self) -> ASGIApp:
        """Around all others, as the outermost of FastAPI's own answers what nobody caught."""
        return Observed(super().build_middleware_stack())

    def openapi(self) -> dict[str, object]:
        """The OpenAPI document, built once."""
        if not self.openapi_schema:
            document = get_openapi(
                title=self.title, version=self.version, description=self.description, routes=self.routes
            )
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["ProblemBody"] = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
            self.openapi_schema = document
        return self.openapi_schema


def create_app() -> FastAPI:
    """The whole API; reads no database and no model until a request needs one."""
    app = Winnow(title="Winnow", version="0.1.0", description=f"Screens applicant pools in bulk.\n\n**{NOTICE}**")
    app.add_middleware(BodyLimit)
    app.add_middleware(RateFields)
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, responses=RESPONSES)
    return app


app = create_app()
