"""A server that is killed while telephones send results: what it acknowledged is there."""

import signal
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
from sqlalchemy import Engine

from app.settings import Settings
from tests.app.conftest import LiveServer, ServerOf
from tests.app.reports import MONDAY_STOP, OTHER_STOP, TUESDAY_STOP, body, publish, report

STOPS = (MONDAY_STOP, TUESDAY_STOP, OTHER_STOP)
URL = "/api/v1/plans/1/results"
N_TELEPHONES, N_REPORTS = 3, 60


def record(number: int) -> dict:
    """Write a report; each corrects the one before it of the same stop."""
    corrects = number - len(STOPS) if number > len(STOPS) else None
    return report(number, STOPS[number % 3], at=number % 24, corrects=corrects, served=number)


def send(server: LiveServer, telephone: int, enough: Event) -> list[int]:
    """Send reports one by one until the server is gone; give those that were acknowledged."""
    acknowledged: list[int] = []
    for number in range(1 + telephone, N_REPORTS, N_TELEPHONES):
        try:
            answer = server.client.post(URL, json=body(record(number)))
        except httpx.TransportError:
            return acknowledged
        assert answer.status_code == 200, answer.text
        acknowledged.append(number)
        if len(acknowledged) == 4:
            enough.set()
    return acknowledged


def test_what_was_acknowledged_survives_a_kill(
    seeded: Engine, settings: Settings, live_server_of: ServerOf
):
    publish(seeded)
    server, enough = live_server_of(settings), Event()
    with ThreadPoolExecutor(N_TELEPHONES) as telephones:
        sending = [telephones.submit(send, server, n, enough) for n in range(N_TELEPHONES)]
        assert enough.wait(30)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(10)
        acknowledged = [number for one in sending for number in one.result()]
    assert len(acknowledged) < N_REPORTS - 1  # it was killed in the middle

    again = live_server_of(settings).client
    kept = [row["key"] for row in again.get(f"{URL}/entries").json()["entries"]]
    assert {record(number)["key"] for number in acknowledged} <= set(kept)
    assert len(kept) == len(set(kept))
    # The telephones cannot know how far they came: they send everything again.
    told = again.post(URL, json=body(*map(record, range(1, N_REPORTS)))).json()
    assert (told["known"], told["refused"]) == (len(kept), 0)
    sums = again.get(f"{URL}/totals").json()
    last = range(N_REPORTS - len(STOPS), N_REPORTS)
    assert sums["programmes"]["ktp_el"]["served"] == sum(last)
    assert sums["n_contested"] == 0
