"""Addresses of the network's pages."""

from django.urls import path

from heard.community.views import joining, lead, policy, public

app_name = "community"
urlpatterns = [
    path("", public.front, name="front"),
    path("team/me/", lead.me, name="me"),
    path("team/of/<slug:slug>/", lead.overview, name="overview"),
    path("team/of/<slug:slug>/chapter/", lead.chapter, name="chapter"),
    path("team/of/<slug:slug>/events/", lead.events, name="events"),
    path("team/of/<slug:slug>/events/<slug:event>/", lead.events, name="event"),
    path("team/of/<slug:slug>/emergency/", lead.emergency, name="emergency"),
    path("team/of/<slug:slug>/contacts/", lead.contacts, name="contacts"),
    path("team/of/<slug:slug>/rota/", lead.rota, name="rota"),
    path("team/of/<slug:slug>/members/", lead.members, name="members"),
    path("team/of/<slug:slug>/members/<uuid:member>/", lead.members, name="member"),
    path("team/of/<slug:slug>/members/<uuid:member>/anew/", joining.anew, name="anew"),
    path("team/of/<slug:slug>/invite/", joining.invite, name="invite"),
    path("team/of/<slug:slug>/invite/withdraw/", joining.withdraw_invitation, name="withdraw_invitation"),
    path("join/", joining.join, name="join"),
    path("team/of/<slug:slug>/policy/", policy.policy, name="policy"),
    path("team/of/<slug:slug>/questions/", policy.questions, name="questions"),
    path("team/of/<slug:slug>/policy/proposals/<uuid:pk>/", policy.proposal, name="proposal"),
    path("team/of/<slug:slug>/measures/", policy.measures, name="measures"),
    path("team/of/<slug:slug>/publish/", lead.publish, name="publish"),
]
