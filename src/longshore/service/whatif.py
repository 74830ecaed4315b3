"""What if hosts, zones or clouds were lost or came, or prices or loads changed?"""

from __future__ import annotations

from longshore.model.ask import AskWhatIf
from longshore.model.errors import Invalid
from longshore.model.plan import WhatIf
from longshore.service.answer import ask
from longshore.service.cloud import check_cloud
from longshore.service.desk import Desk
from longshore.service.host import check_host

MOST = 1000
"""Hosts more, or times as many replicas: beyond that a question is a slip of the pen."""


async def whatif(desk: Desk, question: AskWhatIf) -> WhatIf:
    """Rehearse it on a fork of the estate. Changes nothing.

    Raises:
        NotFound: `no-such-host`, `no-such-cloud`, `no-such-zone`, `no-such-stack`, `no-such-service`,
            `no-such-offer`.
        Invalid: `whatif-empty`, nothing was asked; `whatif-price`, a factor below nothing;
            `whatif-number`, hosts or replicas fewer than none, or too many.
    """
    if question == AskWhatIf():
        raise Invalid(
            "what if what?",
            code="whatif-empty",
            remedy="longshore whatif lose host NAME, or longshore whatif lose cloud NAME",
        )
    for name in question.lose_hosts:
        await check_host(desk, name)
    for name in (*question.lose_clouds, *question.prices):
        await check_cloud(desk, name)
    if any(factor < 0 for factor in question.prices.values()):
        raise Invalid("a price cannot fall below nothing", code="whatif-price", remedy="use a factor from 0")
    if any(not 0 <= factor <= MOST * 1000 for factor in question.scale.values()) or any(
        not 1 <= count <= MOST for count in question.add_hosts.values()
    ):
        raise Invalid(
            "so many there cannot be", code="whatif-number", remedy=f"use a number from 1 to {MOST}"
        )
    return await ask(desk, question, WhatIf)
