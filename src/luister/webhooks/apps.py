"""Registers the app with Django."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Names the app."""

    name = "luister.webhooks"
