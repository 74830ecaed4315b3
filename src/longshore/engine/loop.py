"""The loop: take in, plan, commit, start. One writer, one turn at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Mapping

import msgspec

from longshore.engine.answer import Finished, answer
from longshore.engine.perform import Blocking, Performer
from longshore.engine.watch import Pace, Watch
from longshore.model.ask import AddCloud, Apply, Ask, AskExplain, AskWhatIf, MakePlan
from longshore.model.batch import Kind
from longshore.model.clock import HOUR, SECOND, Clock, Micros
from longshore.model.cloud import Cloud, Pool
from longshore.model.errors import LongshoreError, Unreachable
from longshore.model.host import Host
from longshore.model.ids import AskId, IdSource
from longshore.model.lifecycle import StepState
from longshore.model.report import Asked, Doubtful, Input, Missed, Outcome
from longshore.model.seams import Provider
from longshore.plan.asks import change_cloud
from longshore.plan.converge import converge
from longshore.plan.estate import Estate, place_of
from longshore.plan.intake import take_in
from longshore.plan.turn import Turn
from longshore.plan.wish import error_answer
from longshore.schedule.strategies import Strategy
from longshore.store.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 10_000
"""Inputs taken in, and steps and tasks decided, by one turn: keeps a flood's transactions small."""

TIDY = 6 * HOUR
KEPT = 90 * 24 * HOUR
"""How often the store is pruned, and how long answers, plans, decisions and the journal are kept."""

_LEFT = Unreachable(
    "the server was started again before this was answered", code="server-gone", remedy="ask again"
)

ORDER = (
    Kind.CLOUD,
    Kind.POOL,
    Kind.HOST,
    Kind.STACK,
    Kind.SERVICE,
    Kind.TASK,
    Kind.HOLDING,
    Kind.CHANGE,
    Kind.STEP,
)
"""The order in which nouns are loaded: what others refer to first."""


class Engine:
    """Owns an estate, from load to close.

    `trouble` says why nothing can be committed just now (a full disk), or is empty. `clouds` are there
    from the first start; a price that they bear holds from each start on. `strategies` are those to
    place by, where there are others than the built-in ones.
    """

    def __init__(  # noqa: PLR0913 - main hands it all its parts
        self,
        *,
        store: Store,
        provider: Provider,
        clock: Clock,
        ids: IdSource,
        blocking: Blocking,
        pool: Pool | None = None,
        clouds: tuple[Cloud, ...] = (),
        pace: Pace | None = None,
        strategies: Mapping[str, Strategy] | None = None,
    ) -> None:
        self.estate = Estate(strategies)
        self.trouble = ""
        self._store = store
        self._provider = provider
        self._clock = clock
        self._ids = ids
        self._blocking = blocking
        self._pool = pool or Pool()
        self._first_clouds = clouds
        self._inputs: deque[Input] = deque()
        self._finished: list[Finished] = []
        # Counts the turns that wrote nouns; the plans made since the last one still hold.
        self._version = 0
        self._planned: dict[str, int] = {}
        self._wake = asyncio.Event()
        self._began = clock.now()
        self._seen_ask = 0
        self._done_ask = 0
        self._open_asks: set[int] = set()
        self._asks_by_id: dict[AskId, int] = {}
        self._answering: dict[asyncio.Task[None], None] = {}
        self._performer = Performer(
            provider=provider,
            store=store,
            clock=clock,
            cell=store.cell,
            blocking=blocking,
            hand_on=self._come_out,
        )
        self._watch = Watch(provider=provider, clock=clock, hand_on=self.hand_on, pace=pace or Pace())

    def hand_on(self, seen: Input) -> None:
        """Give the engine something to take in."""
        self._inputs.append(seen)
        self._wake.set()

    def _come_out(self, outcome: Outcome) -> None:
        """A step came out: what a look at its place shows may be of before."""
        step = self.estate.steps.get(outcome.step)
        if step is not None:
            self._watch.stir(place_of(step))
        self.hand_on(outcome)

    async def run(self) -> None:
        """Load, then turn for ever; ends by cancellation, and leaves nothing running."""
        await self._load()
        try:
            async with asyncio.TaskGroup() as together:
                together.create_task(self._take_asks())
                together.create_task(self._tidy())
                while True:
                    await self._wait()
                    await self.turn()
        finally:
            for task in list(self._answering):
                task.cancel()
            await asyncio.gather(*self._answering, return_exceptions=True)
            await self._watch.close()
            await self._performer.close()

    async def _tidy(self) -> None:
        """Now and then take away what is old from the store."""
        while True:
            await self._clock.sleep(TIDY)
            try:
                await self._blocking(self._store.prune, Micros(self._clock.now() - KEPT))
            except LongshoreError as error:
                log.warning("cannot prune: %s", error.message)

    async def turn(self) -> None:
        """One turn: take in, plan, commit, start."""
        inputs = [self._inputs.popleft() for _ in range(min(len(self._inputs), AT_ONCE))]
        finished, self._finished = self._finished, []
        draft = self.estate.fork()
        turn = Turn(draft, self._clock.now(), self._ids, self._store.cell)
        for seen in inputs:
            take_in(turn, seen)
        for done in finished:
            turn.answers.append(done.answer)
        converge(turn, at_once=AT_ONCE)
        batch = turn.batch()
        plans = tuple(done.plan for done in finished if done.plan is not None)
        answered = {a.ask for a in turn.answers}
        until = self._asks_until(answered)
        batch = msgspec.structs.replace(batch, plans=plans, asks_until=until)
        if not batch.empty:
            try:
                await self._blocking(self._store.commit, batch)
            except LongshoreError as error:
                self._not_committed(inputs, finished, error)
                return
        self.trouble = ""
        self.estate.adopt(draft)
        self._version += bool(draft.written)
        dropped = [key for key, step in draft.written.get(Kind.STEP, {}).items() if step is None]
        self._performer.forget(dropped)
        # A step may be taken back by the very turn that decided it.
        self._performer.start(self.estate, [s for s in turn.steps if s.id in self.estate.steps])
        self._follow(draft, inputs)

    def _not_committed(self, inputs: list[Input], finished: list[Finished], error: LongshoreError) -> None:
        """Nothing of the turn happened: keep its inputs, and try again."""
        log.error("cannot commit: %s", error.message)
        self.trouble = error.message
        self._inputs.extendleft(reversed(inputs))
        self._finished = finished + self._finished

    def _follow(self, draft: Estate, inputs: list[Input]) -> None:
        """Have the watch follow what the turn changed, and look where something is in doubt."""
        for name, cloud in draft.written.get(Kind.CLOUD, {}).items():
            self._watch.follow_cloud(name, cloud if isinstance(cloud, Cloud) else None)
        for host_id, host in draft.written.get(Kind.HOST, {}).items():
            self._watch.follow_host(host_id, host if isinstance(host, Host) else None)  # type: ignore[arg-type]
        for seen in inputs:
            if isinstance(seen, Doubtful | Missed):
                step = self.estate.steps.get(seen.step)
                if step is not None:
                    self._watch.look_soon(place_of(step), step.unsettled_at)

    async def _wait(self) -> None:
        """Until there is something to take in, or something is due."""
        if self.trouble:
            await self._clock.sleep(SECOND)
            return
        if self._inputs or self._finished or self.estate.agenda.busy:
            return
        due = self.estate.agenda.next_due()
        self._wake.clear()
        length = None if due is None else max(due - self._clock.now(), 0) / SECOND
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(length):
                await self._wake.wait()

    # At the start

    async def _load(self) -> None:
        """Read what was kept. Steps that were under way can only be settled by looking."""
        loaded = await self._blocking(self._store.load)
        now = self._clock.now()
        for kind in ORDER:
            self.estate.load(loaded.nouns.get(kind, ()))
        self._seen_ask = self._done_ask = loaded.asks_until
        first = self.estate.fork()
        for step in list(first.steps.values()):
            first.put(msgspec.structs.replace(step, state=StepState.UNSETTLED, unsettled_at=now))
        for host in list(first.hosts.values()):
            # Grace counts from our own first look, not from before our absence.
            if host.silent_since and not host.lost:
                first.put(msgspec.structs.replace(host, silent_since=Micros(0)))
        turn = Turn(first, now, self._ids, self._store.cell)
        new = not any(True for _ in first.pools)
        for cloud in self._first_clouds:
            there = first.clouds.get(cloud.name)
            if new:
                first.put(cloud)
            elif there is not None and cloud.price is not None:
                change_cloud(turn, there, msgspec.structs.replace(there, price=cloud.price), "settings")
        first.put(self._pool)
        await self._blocking(self._store.commit, turn.batch())
        self.estate.adopt(first)
        for cloud in self.estate.clouds.values():
            self._watch.follow_cloud(cloud.name, cloud)
        for host in self.estate.hosts.values():
            self._watch.follow_host(host.id, host)
        self._wake.set()

    # Asks

    async def _take_asks(self) -> None:
        """Read on in the table of asks whenever the bell rings."""
        while True:
            heard = self._store.bell.rings
            try:
                asks = await self._blocking(self._store.asks_after, self._seen_ask, 100)
            except LongshoreError as error:
                log.warning("cannot read asks: %s", error.message)
                asks = []
            for ask in asks:
                self._seen_ask = max(self._seen_ask, ask.seq)
                if await self._blocking(self._store.answer, ask.id) is None:
                    self._open_asks.add(ask.seq)
                    self._take(ask)
            if not asks:
                await self._store.bell.wait(1.0, heard)

    def _take(self, ask: Ask) -> None:
        """What needs a rehearsal is answered beside the loop, on a fork; the rest within a turn."""
        self._asks_by_id[ask.id] = ask.seq
        if isinstance(ask.body, MakePlan | AskWhatIf | AskExplain) and ask.at < self._began:
            # Whoever asked has gone with the server before; and it may have gone because of this.
            self._finish(Finished(answer=error_answer(ask.id, self._began, _LEFT)))
        elif isinstance(ask.body, MakePlan | AskWhatIf | AskExplain | Apply):
            task = asyncio.create_task(self._answer(ask))
            self._answering[task] = None
            task.add_done_callback(self._answering.pop)
        elif isinstance(ask.body, AddCloud) and (error := self._wrong(ask.body.cloud)) is not None:
            self._finish(Finished(answer=error_answer(ask.id, self._clock.now(), error)))
        else:
            self.hand_on(Asked(ask=ask))

    def _wrong(self, cloud: Cloud) -> LongshoreError | None:
        """What its driver says against a cloud's settings."""
        if self.estate.clouds.get(cloud.name) is not None:
            return None
        try:
            self._provider.cloud(cloud.name, cloud.driver, cloud.settings)
        except LongshoreError as error:
            return error
        return None

    def _finish(self, finished: Finished) -> None:
        self._finished.append(finished)
        self._wake.set()

    async def _answer(self, ask: Ask) -> None:
        fork, version = self.estate.fork(), self._version
        # Rehearsing again what has not moved would only give the same answer.
        still = isinstance(ask.body, Apply) and self._planned.get(ask.body.plan) == version
        self.estate.readers += 1
        try:
            outcome = await answer(
                ask, fork, self._store, self._clock.now(), self._ids, self._blocking, still=still
            )
        finally:
            self.estate.readers -= 1
        if isinstance(outcome, Finished):
            if outcome.plan is not None:
                self._planned = {h: v for h, v in self._planned.items() if v == version}
                self._planned[outcome.plan.hash] = version
            self._finish(outcome)
        else:
            self.hand_on(outcome)

    def _asks_until(self, answered: set[AskId]) -> int:
        """Up to where all asks have been answered, if that is news; else 0."""
        for ask in answered:
            self._open_asks.discard(self._asks_by_id.pop(ask, 0))
        until = min(self._open_asks) - 1 if self._open_asks else self._seen_ask
        if until <= self._done_ask:
            return 0
        self._done_ask = until
        return until
