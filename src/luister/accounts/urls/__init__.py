"""Addresses of people and walls."""

from django.urls import URLPattern, URLResolver, include, path

from luister.accounts.views import entrance, own, people, workspace

app_name = "accounts"

settings: list[URLPattern | URLResolver] = [
    path("", workspace.index, name="settings"),
    path("workspace/", workspace.general, name="general"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<int:member_id>/", people.member, name="member"),
    path("people/<int:member_id>/remove/", people.remove, name="remove"),
    path("people/<int:member_id>/link/", people.link, name="link"),
    path("teams/", people.teams, name="teams"),
    path("teams/<int:team_id>/", people.team, name="team"),
    path("teams/<int:team_id>/delete/", people.delete_team, name="delete_team"),
    path("audit/", workspace.audit, name="audit"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", entrance.home, name="home"),
    path("workspaces/", entrance.choose, name="choose"),
    path("enter/<str:token>", entrance.enter, name="enter"),
    path("setup/<str:token>", entrance.set_up, name="set_up"),
    path("account/", own.profile, name="profile"),
    path("account/keys/", own.keys, name="keys"),
    path("w/<slug:slug>/settings/", include(settings)),
]
