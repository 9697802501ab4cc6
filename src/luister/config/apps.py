"""The app of the pages and texts that concern the whole installation."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Settings, health, and the page Status."""

    name = "luister.config"
    label = "config"
