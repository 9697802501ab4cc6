"""The fence as an installation has it, also where the settings leave it off."""

import pytest
from django.db import connection


@pytest.fixture(scope="module")
def fence(django_db_setup, django_db_blocker):
    """Connect anew within the fence, and once more afterwards as before."""
    options = connection.settings_dict["OPTIONS"]
    before = options.get("fence", "")
    with django_db_blocker.unblock():
        options["fence"] = "entered"
        connection.close()
        yield
        options["fence"] = before
        connection.close()
