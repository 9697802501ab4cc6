"""One PostgreSQL for all tests, started only when a test needs it; and what CI does not forgive."""

import atexit
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import environ
import hypothesis
import pytest

from luister.config.embedded import EmbeddedPostgres
from luister.config.errors import GroundError
from tests.browsers import browser  # noqa: F401  # a fixture
from tests.mail_servers import mail_servers  # noqa: F401  # a fixture

ROOT = Path(__file__).parents[1]
WHOLLY_DATABASE = re.compile(r"^pytestmark = .*pytest\.mark\.(django_db|db)\b", re.MULTILINE)
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server", "database_url"}
NOWHERE = "postgres://luister@127.0.0.1:1/luister"

# Every worker reads every test: where bytecode is forbidden, each would compile them all each time.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# No test is timed: the machines are shared.
hypothesis.settings.register_profile("luister", deadline=None)
hypothesis.settings.load_profile("luister")


def pytest_configure(config: pytest.Config) -> None:
    """Set Django up on a data folder of the tests' own."""
    os.environ.pop("LUISTER_PROCESS", None)
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="luister-tests-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["LUISTER_HOME"] = folder
        given = os.environ.get("LUISTER_TEST_DATABASE_URL") or os.environ.get("DATABASE_URL")
        if given is None and _has_workers(config) and not _excludes_database(config):
            given = _start_database()
        os.environ["DATABASE_URL"] = given or NOWHERE
    os.environ["DJANGO_SETTINGS_MODULE"] = "luister.config.settings"
    django.setup()


def _has_workers(config: pytest.Config) -> bool:
    return bool(getattr(config.option, "tx", None))


def _excludes_database(config: pytest.Config) -> bool:
    return "not db" in config.option.markexpr or bool(config.option.collectonly)


def _start_database() -> str:
    """Start the tests' database for as long as this process lives, and return its address.

    Its folder is kept between runs, which makes a start fast and --reuse-db possible; where another run uses it
    (or it belongs to another user), a new one is made.
    """
    database = EmbeddedPostgres(ROOT / "var" / "tests", fast=True)
    try:
        dsn = database.start()
    except GroundError:
        folder = tempfile.mkdtemp(prefix="luister-tests-database-")
        Path(folder).chmod(0o711)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        database = EmbeddedPostgres(Path(folder), fast=True)
        dsn = database.start()
    atexit.register(database.stop)
    return dsn


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files in which -m chooses nothing: to read them all takes every worker seconds."""
    chosen = config.option.markexpr
    if collection_path.suffix != ".py" or not ("not db" in chosen or chosen == "sql"):
        return None
    text = collection_path.read_text()
    has_none = "pytest.mark.sql" not in text if chosen == "sql" else WHOLLY_DATABASE.search(text)
    return True if has_none else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use the database, before -m chooses among them."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & DATABASE_FIXTURES or item.get_closest_marker("django_db"):
            item.add_marker("db")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start the database when the first test wants it, unless it was given or the controller started it."""
    if os.environ["DATABASE_URL"] != NOWHERE:
        return
    dsn = _start_database()
    os.environ["DATABASE_URL"] = dsn
    address = environ.Env.db_url_config(dsn)
    # The dictionary is shared with Django's connections, which nobody has opened yet.
    django.db.connections.databases["default"].update(
        {name: address[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    )


@pytest.fixture(scope="session")
def database_url(django_db_setup: None) -> str:
    """The address of the test database, for processes that a test starts; use it with transactional_db."""
    settings = django.db.connections["default"].settings_dict
    user, host = f"{settings['USER']}:{settings['PASSWORD']}", f"{settings['HOST']}:{settings['PORT']}"
    return f"postgres://{user}@{host}/{settings['NAME']}"


# In CI nothing may be skipped: what is missing there is a fault of the scripts that install it.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: pytest.TestReport = yield
    return _unforgiving(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    report: pytest.CollectReport = yield
    return _unforgiving(report)


def _unforgiving(report):
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"In CI nothing is skipped. {reason}"
    return report
