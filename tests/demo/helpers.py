"""What the tests of the demo share."""

from django.apps import apps


def everything():
    """Count the rows of every table of ours."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("luister.")]
    return {model.__name__: model.objects.count() for model in ours if model.objects.exists()}
