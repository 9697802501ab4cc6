"""Registers the app with Django."""

from django.apps import AppConfig


class PostsConfig(AppConfig):
    """Names the app."""

    name = "luister.posts"
