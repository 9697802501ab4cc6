"""Every model has a factory, and what a factory makes stays within one workspace."""

import pytest
from django.apps import apps
from factory.django import DjangoModelFactory

from luister.accounts.models import Workspace
from tests import factories

MODELS = [
    model for config in apps.get_app_configs() if config.name.startswith("luister.") for model in config.get_models()
]
FACTORIES = {
    value._meta.model: value
    for value in vars(factories).values()
    if isinstance(value, type) and issubclass(value, DjangoModelFactory) and value._meta.model
}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_factory_of_model_makes_one_row_in_one_workspace(db, model):
    assert model in FACTORIES, f"Add a factory for {model._meta.label} to tests/factories."

    FACTORIES[model]()

    assert model.objects.count() == 1
    assert Workspace.objects.count() <= 1
