"""Addresses of reports."""

from django.urls import path

from heard.reports.views import handover, intake, mailbox, public, recovery, standing, team

app_name = "reports"
urlpatterns = [
    path("r/<slug:slug>/", public.chapter_form, name="form"),
    path("e/<slug:slug>/", public.event_form, name="event_form"),
    path("receipt/", mailbox.enter, name="mailbox"),
    path("receipt/look/", mailbox.look, name="mailbox_look"),
    path("receipt/write/", mailbox.write, name="mailbox_write"),
    path("receipt/check/", mailbox.check, name="mailbox_check"),
    path("receipt/replace/", mailbox.replace, name="mailbox_replace"),
    path("receipt/mail/", mailbox.mail, name="mailbox_mail"),
    path("receipt/confirm/", mailbox.confirm, name="mailbox_confirm"),
    path("receipt/file/", mailbox.file, name="mailbox_file"),
    path("team/", team.now, name="now"),
    path("team/reports/", team.inbox, name="inbox"),
    path("team/reports/<uuid:pk>/", team.report, name="report"),
    path("team/reports/<uuid:pk>/acknowledge/", team.acknowledge, name="acknowledge"),
    path("team/reports/<uuid:pk>/answer/", team.answer, name="answer"),
    path("team/reports/<uuid:pk>/consent/", team.consent, name="consent"),
    path("team/reports/<uuid:pk>/note/", team.note, name="note"),
    path("team/reports/<uuid:pk>/take-over/", team.take_over, name="take_over"),
    path("team/reports/<uuid:pk>/assign/", team.assign, name="assign"),
    path("team/reports/<uuid:pk>/put-aside/", team.put_aside, name="put_aside"),
    path("team/reports/<uuid:pk>/bring-back/", team.bring_back, name="bring_back"),
    path("team/reports/<uuid:pk>/stand-aside/", standing.stand_aside, name="stand_aside"),
    path("team/reports/<uuid:pk>/leave-out/", standing.leave_out, name="leave_out"),
    path("team/reports/<uuid:pk>/proposal/", standing.judge_proposal, name="judge_proposal"),
    path("team/reports/<uuid:pk>/let-in/", standing.let_in, name="let_in"),
    path("team/of/<slug:slug>/cards/", recovery.cards, name="cards"),
    path("team/of/<slug:slug>/cards/confirm/", recovery.confirm, name="confirm_cards"),
    path("team/of/<slug:slug>/cards/use/", recovery.use, name="use_cards"),
    path("team/of/<slug:slug>/members/<uuid:member>/access/", standing.member_access, name="member_access"),
    path("team/of/<slug:slug>/handover/", handover.hand_over, name="handover"),
    path("team/of/<slug:slug>/handover/<uuid:pk>/", handover.record, name="handover_record"),
    path("team/of/<slug:slug>/intake/", intake.intake, name="intake"),
    path("team/before/", standing.declare, name="declare"),
    path("team/reports/<uuid:pk>/access/", standing.access, name="access"),
    path("team/reports/<uuid:pk>/match/", team.judge_match, name="judge_match"),
    path("team/reports/<uuid:pk>/files/<uuid:file>/", team.file, name="file"),
    path("team/reports/<uuid:pk>/files/<uuid:file>/picture/", team.view_picture, name="picture"),
]
