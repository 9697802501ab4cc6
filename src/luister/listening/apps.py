"""Registers the app with Django."""

from django.apps import AppConfig


class ListeningConfig(AppConfig):
    """Names the app."""

    name = "luister.listening"
