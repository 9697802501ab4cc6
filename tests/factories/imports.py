"""Imported files."""

from factory import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.imports import models
from tests.factories.accounts import WorkspaceFactory
from tests.factories.base import NOW


class ImportFactory(DjangoModelFactory):
    class Meta:
        model = models.Import

    workspace = SubFactory(WorkspaceFactory)
    file_name = "berichten.csv"
    size_bytes = 1
    digest = "0" * 64
    source = LazyAttribute(lambda _: {"format": "csv", "columns": ["tekst"], "notes": []})
    created_at = NOW


class ImportRowFactory(DjangoModelFactory):
    class Meta:
        model = models.ImportRow

    batch = SubFactory(ImportFactory)
    number = 2
    external_id = Sequence("rij-{}".format)
    network = "x"
    posted_at = NOW


class ImportRefusalFactory(DjangoModelFactory):
    class Meta:
        model = models.ImportRefusal

    batch = SubFactory(ImportFactory)
    number = 2
    code = "row.no_text"


class RememberedMappingFactory(DjangoModelFactory):
    class Meta:
        model = models.RememberedMapping

    workspace = SubFactory(WorkspaceFactory)
    columns_digest = "0" * 64
    used_at = NOW
