"""How many requests are worked on at once, and what keeps none of the turns."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Message, Receive, Scope, Send

from app.api.turns import AT_ONCE, Turns

PLANS = "/api/v1/plans"
START: Message = {"type": "http.response.start", "status": 200, "headers": []}
BODY: Message = {"type": "http.response.body", "body": b""}


class Crowd:
    """Requests to an application that answers when it is told to; counts those inside."""

    def __init__(self, path: str = PLANS, headers: list[tuple[bytes, bytes]] | None = None) -> None:
        self.scope = {"type": "http", "path": path, "headers": headers or []}
        self.inside = self.most = self.answered = 0
        self.may_answer = asyncio.Event()
        self.app = Turns(self._answer)

    async def _answer(self, _scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.may_answer.wait()
        self.inside -= 1
        await send(START)
        self.answered += 1
        await send(BODY)

    async def ask(self, receive: Receive, app: Turns | None = None) -> None:
        async def send(_message: Message) -> None:
            pass

        await (app or self.app)(self.scope, receive, send)

    def start(self, n: int, receive: Receive) -> "list[asyncio.Task[None]]":
        return [asyncio.create_task(self.ask(receive)) for _ in range(n)]


async def no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        await asyncio.wait_for(story(), 20)

    asyncio.run(within())


def test_so_many_are_inside_and_all_are_answered():
    async def story() -> None:
        crowd = Crowd()
        tasks = crowd.start(AT_ONCE + 1, no_body)
        await settle()
        assert crowd.inside == AT_ONCE
        crowd.may_answer.set()
        await asyncio.gather(*tasks)
        assert (crowd.most, crowd.answered) == (AT_ONCE, AT_ONCE + 1)

    run(story)


def test_who_still_sends_its_body_keeps_no_turn():
    async def story() -> None:
        crowd = Crowd(headers=[(b"content-length", b"2")])
        rest = asyncio.Event()

        async def slow() -> Message:
            await rest.wait()
            return await no_body()

        waiting = crowd.start(AT_ONCE, slow)
        crowd.may_answer.set()
        await settle()
        await crowd.ask(no_body)
        assert crowd.answered == 1
        rest.set()
        await asyncio.gather(*waiting)
        assert crowd.answered == AT_ONCE + 1

    run(story)


def test_who_is_told_events_keeps_no_turn():
    async def story() -> None:
        told, over = asyncio.Event(), asyncio.Event()

        async def events(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send(START)
            told.set()
            await over.wait()

        crowd = Crowd()
        app = Turns(events)
        streams = [asyncio.create_task(crowd.ask(no_body, app)) for _ in range(AT_ONCE + 5)]
        await told.wait()
        await settle()
        over.set()
        await asyncio.gather(*streams)
        app.app = crowd._answer
        crowd.may_answer.set()
        await asyncio.gather(*(crowd.ask(no_body, app) for _ in range(AT_ONCE)))
        assert crowd.answered == AT_ONCE

    run(story)


def test_an_error_gives_the_turn_back():
    async def story() -> None:
        async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
            raise LookupError

        crowd = Crowd()
        app = Turns(broken)
        asked = [crowd.ask(no_body, app) for _ in range(2 * AT_ONCE)]
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(end) for end in ends] == [LookupError] * 2 * AT_ONCE

    run(story)


def test_health_and_pages_wait_for_nobody():
    async def story() -> None:
        for path in ("/api/v1/health", "/readyz", "/", "/assets/map.js"):
            crowd = Crowd(path)
            tasks = crowd.start(AT_ONCE + 1, no_body)
            await settle()
            assert crowd.inside == AT_ONCE + 1
            crowd.may_answer.set()
            await asyncio.gather(*tasks)

    run(story)
