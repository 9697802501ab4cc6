"""Registers the app with Django."""

from django.apps import AppConfig


class UnderstandingConfig(AppConfig):
    """Names the app."""

    name = "luister.understanding"
