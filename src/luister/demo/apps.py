"""Registers the app with Django."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Names the app."""

    name = "luister.demo"
