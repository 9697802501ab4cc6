"""What the tests of delivery share. A conftest is read before Django is set up, hence the late imports."""

import pytest


@pytest.fixture(autouse=True)
def _quiet_queue(request):
    """Begin without jobs (the library's tables are not emptied with ours), and end without connections."""
    from tests.delivery import helpers  # noqa: PLC0415

    for database in ("transactional_db", "db"):
        if database in request.fixturenames:
            request.getfixturevalue(database)
            helpers.forget_jobs()
            break
    yield
    helpers.locks.close_idle()


@pytest.fixture
def connector(monkeypatch):
    """The connector of the kind “scripted”."""
    from tests.delivery import helpers  # noqa: PLC0415

    scripted, real = helpers.ScriptedConnector(), helpers.connectors.get
    monkeypatch.setattr(helpers.connectors, "get", lambda kind: scripted if kind == "scripted" else real(kind))
    return scripted


@pytest.fixture
def channel(db, connector):
    """A channel on the scripted network."""
    from tests.delivery import helpers  # noqa: PLC0415

    return helpers.new_channel()
