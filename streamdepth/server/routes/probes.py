"""Probes for operators: liveness, readiness and metrics."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from streamdepth.errors import SinkError
from streamdepth.http.refusal import Refused
from streamdepth.rendering.colormaps import COLORMAPS
from streamdepth.rendering.layouts.registry import LAYOUTS
from streamdepth.server.depth_service import STARTING, DepthService
from streamdepth.server.figures import TYPE
from streamdepth.server.jobs.desk import Desk
from streamdepth.server.live.live import Live
from streamdepth.server.problems import problem_answer
from streamdepth.server.routes.depth import problem_responses


def probe_routes(service: DepthService, desk: Desk | None, live: Live | None) -> APIRouter:
    """`/healthz`, `/readyz`, `/metrics`, and `/v1/choices` for pages."""
    router = APIRouter()

    @router.get("/healthz", summary="Whether the service is alive")
    async def health() -> dict[str, str]:
        return {"status": "alive"}

    @router.get(
        "/readyz", summary="Whether a picture would be answered now", responses=problem_responses(503)
    )
    async def ready() -> Response:
        if service.is_ready:
            models = [vars(model) for model in service.loaded.models]
            return JSONResponse({"status": "ready", "models": models})
        why = "the service is shutting down" if service.is_stopping else "the network is being loaded"
        return problem_answer(Refused(503, f"{why} (ask again in a moment)", Retry_After=STARTING))

    @router.get("/v1/choices", summary="What can be chosen", responses=problem_responses(401, 503))
    async def choices() -> dict[str, list[str] | bool]:
        models = [model.name for model in service.loaded.models]
        choices = {"models": models, "colormaps": [*COLORMAPS], "layouts": [*LAYOUTS]}
        return {**choices, "films": desk is not None, "live": live is not None}

    @router.get(
        "/metrics",
        summary="Figures for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def metrics() -> Response:
        figures = live.figures if live is not None else None
        return Response(service.text(await _jobs(desk), figures), media_type=TYPE)

    return router


async def _jobs(desk: Desk | None) -> dict[str, int] | None:
    """How many there are in each state that is of interest; None where none are taken, or nobody knows now."""
    if desk is None:
        return None
    try:
        return {state.value: count for state, count in (await desk.by_state()).items()}
    except SinkError:
        return None
