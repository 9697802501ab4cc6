"""Registers the app with Django."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Names the app."""

    name = "luister.api"
