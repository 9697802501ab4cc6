"""Registers the app with Django."""

from django.apps import AppConfig


class StreamsConfig(AppConfig):
    """Names the app."""

    name = "luister.streams"
