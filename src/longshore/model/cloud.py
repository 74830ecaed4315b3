"""A cloud, whatever lends hosts; and the pool, an ordered list of clouds with standing limits."""

from __future__ import annotations

import msgspec

from longshore.model.clock import MINUTE, SECOND, Micros
from longshore.model.host import Quote
from longshore.model.money import Money, Total


class Cloud(msgspec.Struct, frozen=True, kw_only=True):
    """A cloud as it was added, and what is seen of it.

    `driver` names the provider's row (`local`, `sim`). `own`: its hosts are the user's, paid for
    whether used or not, at `price` each. `max_hosts` and `max_price` bound what may be bought there
    without asking (0, None: no bound of its own). `settings` are the driver's.
    `keep`: so many hosts are made at once and stay, whether tasks need them or not.
    `barred`: flavors it failed to deliver, and until when they are not asked for again.
    """

    name: str
    driver: str
    own: bool = False
    order: int = 0
    price: Money | None = None
    max_hosts: int = 0
    max_price: Money | None = None
    keep: int = 0
    settings: dict[str, str] = {}
    barred: dict[str, Micros] = {}
    offers: tuple[Quote, ...] = ()
    looked_at: Micros = Micros(0)
    silent_since: Micros = Micros(0)
    strangers: tuple[str, ...] = ()
    reason: str = ""
    removing: bool = False


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """What a project may use, own clouds first and then in the order given; and how patiently.

    `grace`: silence of a host before its tasks are given up. `settle`: how long home must have
    room before tasks return. `min_life`: the least time a lent host is kept. `headroom`: the
    share of the own hosts' room that must stay free when tasks come home, in thousandths. `max_price`:
    the bound for all lent hosts together. `weights`: PROJECT or PROJECT/STACK -> how much of the whole
    is its due against others', 1 where it is not named. Lengths in microseconds.
    """

    name: str = "default"
    grace: int = 30 * SECOND
    settle: int = 2 * MINUTE
    min_life: int = 5 * MINUTE
    headroom: int = 50
    max_hosts: int = 0
    max_price: Total | None = None
    weights: dict[str, float] = {}
