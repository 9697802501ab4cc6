"""Registers the app with Django."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """Names the app."""

    name = "luister.practice"
