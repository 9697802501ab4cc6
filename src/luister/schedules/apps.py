"""Registers the app with Django."""

from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    """Names the app."""

    name = "luister.schedules"
