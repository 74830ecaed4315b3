"""Acts: when our own last step on each task and holding of a host was done.

A look takes its time, and steps go on meanwhile: what it shows of something that was made or removed
after it began may be of before, and tells nothing. Not stored: after a start all looks are later.
"""

from __future__ import annotations

from longshore.model.clock import Micros
from longshore.model.ids import HostId
from longshore.plan.estate import Estate


def note_act(estate: Estate, host: HostId, subject: str, at: Micros) -> None:
    """A step on a task or holding was done at this time."""
    estate.acts.put(host, {**(estate.acts.get(host) or {}), subject: at})


def acted_since(estate: Estate, host: HostId, subject: str, began: Micros) -> bool:
    """Whether a step on this task or holding was done after a look that began then."""
    acts = estate.acts.get(host)
    return acts is not None and acts.get(subject, -1) >= began


def forget_acts(estate: Estate, host: HostId, began: Micros) -> None:
    """A look that began then was taken in: what was done before it shows."""
    acts = estate.acts.get(host)
    if acts is None:
        return
    later = {subject: at for subject, at in acts.items() if at >= began}
    if later:
        estate.acts.put(host, later)
    else:
        estate.acts.drop(host)
