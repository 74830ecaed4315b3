"""What if a host or a cloud were lost, or a price changed?"""

from __future__ import annotations

from longshore.model.ask import AskWhatIf
from longshore.model.errors import Invalid
from longshore.model.plan import WhatIf
from longshore.service.answer import ask
from longshore.service.cloud import check_cloud
from longshore.service.desk import Desk
from longshore.service.host import check_host


async def whatif(desk: Desk, question: AskWhatIf) -> WhatIf:
    """Rehearse it on a fork of the estate. Changes nothing.

    Raises:
        NotFound: `no-such-host`, `no-such-cloud`.
        Invalid: `whatif-empty`, nothing was asked; `whatif-price`, a factor below nothing.
    """
    if not (question.lose_hosts or question.lose_clouds or question.prices):
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
    return await ask(desk, question, WhatIf)
