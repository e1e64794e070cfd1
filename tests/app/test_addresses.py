"""Villages from a server of features: by the command and over HTTP, where that is allowed."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from app.db import reading
from app.ingest import ingest
from app.jobs import lease
from app.jobs.tasks import run_task
from app.models import DataImport, Job, JobState, Village
from app.settings import Settings
from geodata.errors import LocalAddress, NetworkNotAllowed
from tests.app.conftest import AppClient, slug, uploaded
from tests.geodata.test_oapif import Office, villages

API = "/api/v1/imports"


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("no_proxy", "*")
    office = Office()
    office.collection("desa", villages(3))
    yield office
    office.close()


def address(office: Office) -> str:
    return f"{office.url}/ogc/collections/desa?kunci=rahasia"


def test_villages_of_a_server_are_stored_under_its_address(engine: Engine, office: Office):
    outcome = ingest(engine, "villages", address(office), allow_local=True)
    shown = f"{office.url}/ogc/collections/desa"
    assert (outcome.accepted, outcome.file_name, outcome.source) == (3, shown, shown)
    with reading(engine) as session:
        assert len(session.exec(select(Village)).all()) == 3
        kept = session.exec(select(DataImport)).one()
    assert "rahasia" not in kept.model_dump_json()


def test_a_private_network_is_not_asked_without_leave(engine: Engine, office: Office):
    with pytest.raises(LocalAddress):
        ingest(engine, "villages", address(office))
    assert office.asked == []


def test_only_villages_are_fetched(engine: Engine, office: Office):
    with pytest.raises(NetworkNotAllowed):
        ingest(engine, "counts", address(office), allow_local=True)
    assert office.asked == []


def test_an_address_is_imported_by_a_job(
    client: AppClient, engine: Engine, settings: Settings, office: Office
):
    answer = client.post(f"{API}/villages", data={"url": address(office), "by": "Siti"})
    assert answer.status_code == 202
    with reading(engine) as session:
        job = session.exec(select(Job)).one()
    assert job.args["file_name"] == f"{office.url}/ogc/collections/desa"
    assert uploaded(settings) == []

    def run(allowed: Settings) -> dict[str, object]:
        return run_task(engine, allowed, job, lambda _: None, lambda: False)

    with pytest.raises(LocalAddress):
        run(settings)
    result = run(settings.model_copy(update={"local_addresses": True}))
    assert (result["accepted"], result["person"]) == (3, "Siti")
    # Once the job has ended nothing keeps the key of the address.
    assert "rahasia" in str(lease.read(engine, job.id or 0).args)
    lease.claim(engine, "a", job.id)
    lease.finish(engine, job.id or 0, "a", JobState.SUCCEEDED, result=result)
    assert "rahasia" not in str(lease.read(engine, job.id or 0).args)


def test_a_password_in_an_address_is_shown_to_nobody(client: AppClient, engine: Engine):
    data = {"url": "https://user:sandi@peta.example/collections/desa"}
    assert slug(client.post(f"{API}/villages", data=data)) == "bad-address"
    with reading(engine) as session:
        assert session.exec(select(Job)).all() == []


def test_an_address_of_another_kind_is_refused_at_once(client: AppClient):
    data = {"url": "https://peta.example/collections/desa"}
    assert slug(client.post(f"{API}/counts", data=data)) == "network-not-allowed"
