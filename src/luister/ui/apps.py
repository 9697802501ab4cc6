"""Registers the app with Django."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Names the app."""

    name = "luister.ui"
