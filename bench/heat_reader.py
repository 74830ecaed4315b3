"""How long Heat's own classes take to read and check a template. Run by Heat's Python, not by ours.

    HEAT_PYTHON bench/heat_reader.py ROUNDS <template.yaml

Prints the seconds of each round. The context is a stub, there is no cloud, and the database is in memory:
what is measured is parsing, `Template`, `Environment`, and `Stack(...).validate()`.
"""

import logging
import sys
import time
import warnings

warnings.simplefilter("ignore")

import eventlet  # noqa: F401 - Heat expects it to be there first
from heat.common import context, messaging, template_format
from heat.db import api, models
from heat.engine import environment, resources, stack, template
from oslo_config import cfg


def prepare() -> None:
    """What Heat's engine does when it starts, as far as validating needs it."""
    cfg.CONF(args=[], project="heat")
    logging.disable(logging.CRITICAL)
    resources.initialise()
    messaging.setup("fake://", optional=True)
    cfg.CONF.set_override("connection", "sqlite://", group="database")
    with api.context_manager.writer.using(context.RequestContext()) as session:
        models.BASE.metadata.create_all(session.get_bind())


def read(text: str) -> float:
    """Seconds from text to a validated stack."""
    asker = context.RequestContext(
        username="u",
        project_id="p",
        user_id="u",
        auth_token="t",
        roles=["admin"],
        auth_url="http://127.0.0.1/v3",
        password="p",
    )
    begun = time.perf_counter()
    parsed = template.Template(template_format.parse(text), env=environment.Environment({}))
    whole = stack.Stack(asker, "bench", parsed, stack_id=None, user_creds_id=1)
    whole.strict_validate = True
    whole.validate()
    return time.perf_counter() - begun


def main() -> None:
    """One warm-up, then so many rounds."""
    text = sys.stdin.read()
    prepare()
    read(text)
    for _ in range(int(sys.argv[1])):
        print(read(text), flush=True)


if __name__ == "__main__":
    main()
