"""Addresses of the practice network."""

from django.urls import path

from luister.practice.views import api, behind, pages, pictures, start

app_name = "practice"
urlpatterns = [
    path("", pages.square, name="square"),
    path("news/", pages.square_news, name="square_news"),
    path("post/<int:post_id>/", pages.thread, name="thread"),
    path("post/<int:post_id>/news/", pages.thread_news, name="thread_news"),
    path("post/<int:post_id>/delete/", pages.delete, name="delete"),
    path("picture/<int:picture_id>/", pictures.picture, name="picture"),
    path("@<str:handle>/", pages.profile, name="profile"),
    path("messages/", pages.talks, name="talks"),
    path("messages/<str:handle>/", pages.talk, name="talk"),
    path("messages/<str:handle>/news/", pages.talk_news, name="talk_news"),
    path("who/", pages.who, name="who"),
    path("behind/", behind.behind, name="behind"),
    path("behind/faults/", behind.faults, name="faults"),
    path("behind/brands/new/", behind.new_brand, name="new_brand"),
    path("behind/brands/token/", behind.renew_token, name="renew_token"),
    path("behind/brands/change/", behind.change_brand, name="change_brand"),
    path("start/<slug:slug>/", start.connect, name="connect"),
    path("api/<path:path>", api.api, name="api"),
]
