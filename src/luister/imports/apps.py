"""Registers the app with Django."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Names the app."""

    name = "luister.imports"
