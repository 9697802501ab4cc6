"""Registers the app with Django."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Names the app."""

    name = "luister.inbox"
