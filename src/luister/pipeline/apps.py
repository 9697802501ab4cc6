"""Registers the app with Django."""

from django.apps import AppConfig


class PipelineConfig(AppConfig):
    """Names the app."""

    name = "luister.pipeline"
