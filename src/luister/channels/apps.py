"""Registers the app with Django."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Names the app."""

    name = "luister.channels"
