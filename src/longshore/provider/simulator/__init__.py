"""The simulator: clouds, hosts and container engines that exist only in memory. Product code.

It is a provider like any other, seeded so that a bad day can be had again: prices, boot times,
quotas, outages, listings that lag, failures before and after the act, containers that crash. Time
comes from the `Clock` it is given and can be moved; chance comes from the seed and from what is
being done to what for which time, never from the order of unrelated calls. Nothing is read from or
written to the machine, except the file that `state` names, where it is given.

Only main and the registry of providers may use it, and tests. It knows the model and nothing else.
"""

from longshore.provider.simulator.chance import Mishap
from longshore.provider.simulator.clock import SimClock, Stuck, VirtualLoop, run_virtual
from longshore.provider.simulator.cloud import SimulatedCloud
from longshore.provider.simulator.settings import SETTINGS, Settings, read_settings
from longshore.provider.simulator.world import Census, Made

__all__ = [
    "SETTINGS",
    "Census",
    "Made",
    "Mishap",
    "Settings",
    "SimClock",
    "SimulatedCloud",
    "Stuck",
    "VirtualLoop",
    "read_settings",
    "run_virtual",
]
