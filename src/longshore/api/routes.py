"""The route table: every path and method, and what answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.requests import Request
from starlette.types import ASGIApp

from longshore.api.build import post_build
from longshore.api.catalogue import get_functions, get_type, get_types
from longshore.api.change import get_change, get_changes, post_change
from longshore.api.cloud import delete_cloud, get_clouds, get_drivers, get_offers, post_cloud
from longshore.api.cost import get_cost
from longshore.api.explain import post_explain
from longshore.api.host import get_hosts, post_drain, post_kept, post_settings
from longshore.api.journal import get_journal
from longshore.api.plan import get_plan, get_plans, post_plan
from longshore.api.reading import post_reading
from longshore.api.stack import get_stack, get_stacks, post_cancel
from longshore.api.status import get_status
from longshore.api.task import get_logs, get_tasks
from longshore.api.version import get_version
from longshore.api.whatif import post_whatif
from longshore.service.desk import Desk, Reader


class Row(NamedTuple):
    """A method of a path, and the handler that answers it from a desk."""

    method: str
    path: str
    handler: Callable[[Desk, Request], Awaitable[ASGIApp]]


class ReaderRow(NamedTuple):
    """A row that needs no server."""

    method: str
    path: str
    handler: Callable[[Desk | Reader, Request], Awaitable[ASGIApp]]


READER_ROUTES: tuple[ReaderRow, ...] = (
    ReaderRow("GET", "/v1/version", get_version),
    ReaderRow("POST", "/v1/readings", post_reading),
    ReaderRow("GET", "/v1/types", get_types),
    ReaderRow("GET", "/v1/types/{name}", get_type),
    ReaderRow("GET", "/v1/functions", get_functions),
)

EXEC_PATH = "/v1/exec"
"""The one websocket; see `execute`."""

ROUTES: tuple[Row, ...] = (
    *(Row(*row) for row in READER_ROUTES),
    Row("GET", "/v1/status", get_status),
    Row("POST", "/v1/plans", post_plan),
    Row("GET", "/v1/plans", get_plans),
    Row("GET", "/v1/plans/{hash}", get_plan),
    Row("POST", "/v1/builds", post_build),
    Row("POST", "/v1/changes", post_change),
    Row("GET", "/v1/changes", get_changes),
    Row("GET", "/v1/changes/{id}", get_change),
    Row("GET", "/v1/stacks", get_stacks),
    Row("GET", "/v1/stacks/{name}", get_stack),
    Row("POST", "/v1/stacks/{name}/cancel", post_cancel),
    Row("GET", "/v1/tasks", get_tasks),
    Row("GET", "/v1/logs", get_logs),
    Row("GET", "/v1/journal", get_journal),
    Row("POST", "/v1/whatif", post_whatif),
    Row("POST", "/v1/explain", post_explain),
    Row("GET", "/v1/hosts", get_hosts),
    Row("POST", "/v1/hosts/{name}/drain", post_drain),
    Row("POST", "/v1/hosts/{name}/settings", post_settings),
    Row("POST", "/v1/hosts/{name}/kept", post_kept),
    Row("GET", "/v1/clouds", get_clouds),
    Row("POST", "/v1/clouds", post_cloud),
    Row("DELETE", "/v1/clouds/{name}", delete_cloud),
    Row("GET", "/v1/clouds/{name}/offers", get_offers),
    Row("GET", "/v1/drivers", get_drivers),
    Row("GET", "/v1/cost", get_cost),
)
