"""Addresses of cases."""

from django.urls import path

from heard.cases.views import case, guest, meeting

app_name = "cases"
urlpatterns = [
    path("answer/", guest.enter, name="guest"),
    path("answer/write/", guest.write, name="guest_write"),
    path("team/cases/", case.cases, name="cases"),
    path("team/board/", case.board, name="board"),
    path("team/of/<slug:slug>/drill/", case.drill, name="drill"),
    path("team/reports/<uuid:pk>/case/", case.open_case, name="open"),
    path("team/reports/<uuid:pk>/case/go/", case.of_report, name="of_report"),
    path("team/cases/<uuid:pk>/", case.case, name="case"),
    path("team/cases/<uuid:pk>/safety/", case.safety, name="safety"),
    path("team/cases/<uuid:pk>/duty/<uuid:duty>/done/", case.done, name="done"),
    path("team/cases/<uuid:pk>/duty/<uuid:duty>/waive/", case.waive, name="waive"),
    path("team/cases/<uuid:pk>/duty/<uuid:duty>/assign/", case.assign, name="assign"),
    path("team/cases/<uuid:pk>/note/", case.note, name="note"),
    path("team/cases/<uuid:pk>/alone/", case.alone, name="alone"),
    path("team/cases/<uuid:pk>/not-found/", case.not_found, name="not_found"),
    path("team/cases/<uuid:pk>/person/", case.person, name="person"),
    path("team/cases/<uuid:pk>/wishes/", case.wishes, name="wishes"),
    path("team/cases/<uuid:pk>/link/", case.link, name="link"),
    path("team/cases/<uuid:pk>/split/", case.split, name="split"),
    path("team/cases/<uuid:pk>/meeting/", meeting.meeting, name="meeting"),
    path("team/cases/<uuid:pk>/meeting/party/", meeting.invite_party, name="invite_party"),
    path("team/cases/<uuid:pk>/meeting/calendar/", meeting.calendar, name="calendar"),
    path("team/cases/<uuid:pk>/meeting/hold/", meeting.hold, name="hold"),
    path("team/cases/<uuid:pk>/tell/", meeting.tell, name="tell"),
    path("team/cases/<uuid:pk>/harmed/", meeting.ask_harmed, name="ask_harmed"),
    path("team/cases/<uuid:pk>/side/", meeting.side, name="side"),
]
