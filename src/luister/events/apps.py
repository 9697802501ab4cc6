"""Registers the app with Django."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Names the app."""

    name = "luister.events"
