"""One PostgreSQL for all tests, started only when a test needs it; and what CI does not forgive."""

import atexit
import gc
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
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from tests.browsers import browser  # noqa: F401  # a fixture
from tests.database import migrated_template, start_database
from tests.mail_servers import mail_servers  # noqa: F401  # a fixture
from tests.nats_servers import nats_server  # noqa: F401  # a fixture
from tests.tables import empty_tables

WHOLLY_DATABASE = re.compile(r"^pytestmark = .*pytest\.mark\.(django_db|db)\b", re.MULTILINE)
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server", "database_url"}
NOWHERE = "postgres://luister@127.0.0.1:1/luister"

# Every worker reads every test: where bytecode is forbidden, each would compile them all each time.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# No test is timed: the machines are shared. Every run draws others, so that few examples become many.
hypothesis.settings.register_profile("luister", deadline=None, max_examples=40)
hypothesis.settings.load_profile("luister")


def pytest_configure(config: pytest.Config) -> None:
    """Set Django up on a data folder of the tests' own."""
    os.environ.pop("LUISTER_PROCESS", None)
    is_worker = hasattr(config, "workerinput")
    if not is_worker:
        folder = tempfile.mkdtemp(prefix="luister-tests-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["LUISTER_HOME"] = folder
        given = os.environ.get("LUISTER_TEST_DATABASE_URL") or os.environ.get("DATABASE_URL")
        if given is None and _has_workers(config) and not _excludes_database(config):
            given = start_database()
        os.environ["DATABASE_URL"] = given or NOWHERE
    os.environ["DJANGO_SETTINGS_MODULE"] = "luister.config.settings"
    if is_worker or not _has_workers(config):  # who only leads workers runs no test, and they wait for it
        gc.disable()  # until all tests are read: none of what that makes is garbage
        django.setup()
        TransactionTestCase._fixture_teardown = lambda _self: empty_tables()


def _has_workers(config: pytest.Config) -> bool:
    return bool(getattr(config.option, "tx", None))


def _excludes_database(config: pytest.Config) -> bool:
    return "not db" in config.option.markexpr or bool(config.option.collectonly)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files in which -m chooses nothing: to read them all takes every worker seconds."""
    chosen = config.option.markexpr
    if collection_path.suffix != ".py" or not ("not db" in chosen or chosen == "sql"):
        return None
    text = collection_path.read_text()
    has_none = "pytest.mark.sql" not in text if chosen == "sql" else WHOLLY_DATABASE.search(text)
    return True if has_none else None


def pytest_collection_finish() -> None:
    """Look for garbage from now on, but not among thousands of tests over and over again."""
    gc.freeze()
    gc.enable()


def pytest_runtest_setup() -> None:
    """Forget that this process is the web server, which whoever imports its application says; children inherit it."""
    os.environ.pop("LUISTER_PROCESS", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use the database, before -m chooses among them."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & DATABASE_FIXTURES or item.get_closest_marker("django_db"):
            item.add_marker("db")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Start the database when the first test wants it, unless it was given or the controller started it."""
    # The dictionary is shared with Django's connections, which nobody has opened yet.
    settings = django.db.connections.databases["default"]
    if os.environ["DATABASE_URL"] == NOWHERE:
        os.environ["DATABASE_URL"] = start_database()
        address = environ.Env.db_url_config(os.environ["DATABASE_URL"])
        settings.update({name: address[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
    with django_db_blocker.unblock():
        settings["TEST"]["TEMPLATE"] = migrated_template(os.environ["DATABASE_URL"])


@pytest.fixture(scope="session")
def database_url(django_db_setup: None) -> str:
    """The address of the test database, for processes that a test starts; use it with transactional_db."""
    settings = django.db.connections["default"].settings_dict
    user, host = f"{settings['USER']}:{settings['PASSWORD']}", f"{settings['HOST']}:{settings['PORT']}"
    return f"postgres://{user}@{host}/{settings['NAME']}"


@pytest.fixture
def share(request: pytest.FixtureRequest) -> float:
    """How much of a long run to make: all of it, and a fifth when it runs again on the oldest PostgreSQL."""
    return 0.2 if request.config.option.markexpr == "sql" else 1.0


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
