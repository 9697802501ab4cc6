"""Brings the PostgreSQL extensions that search leans on; both are trusted, no superuser is needed."""

from typing import ClassVar

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("posts", "0001_first_tables")]
    operations: ClassVar[list[object]] = [UnaccentExtension(), TrigramExtension()]
