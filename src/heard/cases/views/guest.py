"""The person reported, without an account: what was prepared for them, and their own words. Nothing of a report is here."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from heard.cases import queries
from heard.cases.actions import appeals, hearing
from heard.cases.forms import GuestAppealForm, GuestForm, GuestMailForm, GuestSideForm
from heard.vault import receipts
from heard.web.origin import as_if_read
from heard.web.pages import render_page


@csrf_exempt  # no cookie to borrow: the code itself opens the page
@as_if_read
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Type the code."""
    form = GuestForm(request.POST or None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        try:
            found = queries.guest(code)
            if found is None:
                form.add_error("code", _("Nothing is here under this code. Was there a newer one?"))
            else:
                return _page(request, found, GuestSideForm(initial={"code": code}))
        except receipts.Mistyped:
            form.add_error("code", _("There is a slip in this code. Please compare it letter by letter."))
        except hearing.NotOpen:
            form.add_error("code", _("This code has run out. Please ask the team that gave it to you."))
    return render_page(request, "cases/guest_enter.html", {"form": form})


@csrf_exempt
@as_if_read
@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """Take what they write."""
    form = GuestSideForm(request.POST)
    try:
        found = queries.guest(form.data.get("code", ""))
        if found is None:
            raise hearing.NotOpen
        if not form.is_valid():
            return _page(request, found, form)
        hearing.give_side(found[0], form.cleaned_data["text"])
    except hearing.TooMuch:
        assert found
        form.add_error(
            "text", _("So much was written with this code that nothing more fits. Please ask the team for a talk.")
        )
        return _page(request, found, form)
    except (hearing.NotOpen, receipts.Mistyped):
        again = GuestForm({"code": form.data.get("code", "")})
        again.is_valid()
        again.add_error("code", _("This code has run out. Please ask the team that gave it to you."))
        values = {"form": again, "text": form.data.get("text", "")}
        return render_page(request, "cases/guest_enter.html", values)
    return render_page(request, "cases/guest_done.html", {"team": found[0].case.team})


@csrf_exempt
@as_if_read
@require_POST
def appeal(request: HttpRequest) -> HttpResponse:
    """Take an appeal."""
    form = GuestAppealForm(request.POST)
    try:
        found = queries.guest(form.data.get("code", ""))
        if found is None:
            raise hearing.NotOpen
        if not form.is_valid():
            return _page(request, found, GuestSideForm(initial={"code": form.data.get("code", "")}), form)
        appeals.lodge(found[0], grounds=form.cleaned_data["grounds"], text=form.cleaned_data["text"])
    except (hearing.NotOpen, receipts.Mistyped):
        again = GuestForm({"code": form.data.get("code", "")})
        again.is_valid()
        again.add_error(
            "code", _("With this code nothing can be appealed any more. Please ask the team that gave it to you.")
        )
        values = {"form": again, "text": form.data.get("text", "")}
        return render_page(request, "cases/guest_enter.html", values)
    return render_page(request, "cases/guest_done.html", {"team": found[0].case.team, "appealed": True})


@csrf_exempt
@as_if_read
@require_POST
def mail(request: HttpRequest) -> HttpResponse:
    """Choose to get letters whole by e-mail, or no longer."""
    form = GuestMailForm(request.POST)
    side = GuestSideForm(initial={"code": form.data.get("code", "")})
    try:
        found = queries.guest(form.data.get("code", ""))
        if found is None:
            raise hearing.NotOpen
        stops = "stop" in request.POST
        if not stops and not form.is_valid():
            return _page(request, found, side, mail_form=form)
        hearing.choose_mail(found[0], email="" if stops else form.cleaned_data["email"])
        return _page(request, found, side)
    except (hearing.NotOpen, receipts.Mistyped):
        again = GuestForm({"code": side["code"].value()})
        again.is_valid()
        again.add_error("code", _("This code has run out. Please ask the team that gave it to you."))
        return render_page(request, "cases/guest_enter.html", {"form": again})


def _page(
    request: HttpRequest, found: tuple, form: GuestSideForm, appeal_form: GuestAppealForm | None = None,
    mail_form: GuestMailForm | None = None,
) -> HttpResponse:  # fmt: skip
    code, receipt = found
    letters = hearing.letters_for(code, receipt)
    values = {
        "letters": letters, "form": form, "team": code.case.team, "code": code, "appeal_until": appeals.open_until(code),
        "appeal_form": appeal_form or GuestAppealForm(initial={"code": form["code"].value()}),
        "mail_form": mail_form or GuestMailForm(initial={"code": form["code"].value()}), "by_mail": queries.guest_address(code),
        "closed": code.case.state == "closed", "appealed": queries.last_appeal(code.case, code.party),
    }  # fmt: skip
    return render_page(request, "cases/guest.html", values)
