"""Every route, walked as every wrong person: nothing leaks, no 500, and what one may not see does not exist."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from heard.cases.actions import duties, measures, notices, opening, people
from heard.cases.models import Case
from heard.reports.actions import handling, standing
from heard.reports.models import Report
from heard.vault import safes
from tests.conftest import SECRET, World, join, letter_key, report_to
from tests.reports.test_handling import acknowledge
from tests.vault.test_files import keep

# Pages that anybody may open; all the others ask for a sign-in.
PUBLIC = {
    "alive", "account_login", "account_logout", "account_signup", "account_inactive", "account_reset_password", "mfa_authenticate",
    "accounts_passkey", "accounts_unlock", "cases:guest", "community:front", "community:join", "reports:form", "reports:event_form", "reports:mailbox",
}  # fmt: skip
# They take a pass in the body and answer nothing else.
BY_PASS = {f"reports:mailbox_{name}" for name in ("look", "write", "check", "replace", "file", "mail", "confirm")} | {
    "cases:guest_write",
    "cases:guest_appeal",
    "cases:guest_mail",
}
OF_A_REPORT = {
    f"reports:{name}"
    for name in (
        "report", "acknowledge", "answer", "consent", "note", "take_over", "assign", "put_aside", "bring_back", "judge_match",
        "file", "picture", "stand_aside", "leave_out", "judge_proposal", "access", "let_in",
    )
} | {"cases:open", "cases:of_report"}  # fmt: skip
OF_A_LEAD = {
    f"community:{name}"
    for name in (
        "overview", "chapter", "events", "event", "emergency", "contacts", "rota", "members", "member", "anew", "invite", "withdraw_invitation", "policy", "questions", "measures", "proposal", "publish",
    )
} | {
    "reports:cards", "reports:confirm_cards", "reports:member_access", "reports:handover", "reports:handover_record",
}  # fmt: skip
# For members of the team, and of the global team.
OF_A_TEAM = {"reports:use_cards", "reports:intake"}
OF_A_CASE = {
    f"cases:{name}"
    for name in (
        "case", "safety", "done", "waive", "assign", "note", "person", "wishes", "link", "split", "meeting", "invite_party",
        "calendar", "hold", "tell", "side", "alone", "not_found", "ask_harmed", "earlier", "access", "merge", "unmerge",
        "decide", "outcome", "vote", "count", "at_once", "approve", "lift", "appeal", "lend", "close", "reopen", "look_back",
        "following", "letters", "write_notice", "notice", "rewrite_notice", "step_notice", "paper",
    )
}  # fmt: skip
OF_ANY_MEMBER = {
    "reports:now",
    "reports:inbox",
    "community:me",
    "accounts_password",
    "accounts_factor",
    "accounts_recovery_code",
    "accounts_passkeys",
    "reports:declare",
    "cases:cases",
    "cases:board",
}
POSTED_BY_ANY_MEMBER = {"accounts_elsewhere", "accounts_remove_passkey", "accounts_end_session"}
# Posted by members of a team.
POSTED_BY_A_TEAM = {"cases:drill"}


def routes(patterns: list, space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, pattern
            yield f"{space}{pattern.name}"


def every_route() -> list[str]:
    return list(routes(get_resolver().url_patterns))


def test_every_route_has_its_place_in_this_walk() -> None:
    placed = PUBLIC | BY_PASS | OF_A_REPORT | OF_A_CASE | OF_A_LEAD | OF_A_TEAM | OF_ANY_MEMBER
    assert set(every_route()) == placed | POSTED_BY_ANY_MEMBER | POSTED_BY_A_TEAM


@pytest.fixture
def report(world: World) -> Report:
    report = report_to(
        world.berlin, SECRET, out=[world.cleo], who="Jonathan Quagmire", attached=[keep(b"x", "proof.png")]
    )
    acknowledge(report, world.bo)
    handling.note(report, world.bo.keyring, by=world.bo.user, text="note-" + SECRET, key=letter_key())
    report.refresh_from_db()
    case = opening.open_case(report, world.bo.keyring, by=world.bo.user, level="private")
    facts = {"name": f"Jonathan Quagmire {SECRET}"}
    people.add(case, world.bo.keyring, by=world.bo.user, role="reported", facts=facts)
    duties.note(case, world.bo.keyring, by=world.bo.user, kind="note", text="note-" + SECRET, key=letter_key())
    measures.at_once(
        case, world.bo.keyring, by=world.bo.user, kind="leave", scope="event", safety=SECRET, details=SECRET
    )
    party = case.parties.filter(role="reported").first()
    kind = "free_reported"
    notices.draft(case, world.bo.keyring, by=world.bo.user, kind=kind, text=f"Hello {SECRET}", party=party)
    report.refresh_from_db()
    return report


def take_out(world: World, report: Report, how: str) -> None:
    """Take out somebody who could read it until now."""
    gus = join(world.berlin, "Guido")
    safes.open_to(world.ada.keyring.key_of(report.safe_id), safes.user_holders([gus.user.pk]).values())
    if how == "recused":
        standing.recuse(report, world.bo.keyring, by=world.bo.user)
        return
    by, out = (world.ada, world.bo) if how == "left out" else (world.bo, world.ada)
    standing.leave_out(report, by.keyring, by=by.user, member=out.member, reason=SECRET, key=letter_key())


def url(name: str, world: World, report: Report) -> str:
    arguments = {
        "reports:form": ["berlin"],
        "reports:event_form": ["conf"],
        "reports:file": [report.pk, report.attachments.get().pk],
        "reports:picture": [report.pk, report.attachments.get().pk],
        "community:event": ["berlin", "conf"],
        "community:member": ["berlin", world.bo.member.pk],
        "community:anew": ["berlin", world.bo.member.pk],
        "reports:member_access": ["berlin", world.bo.member.pk],
        "reports:handover_record": ["berlin", world.bo.member.pk],
    }
    if name in arguments:
        return reverse(name, args=arguments[name])
    if name in OF_A_CASE:
        case = Case.objects.get(code_name=report.code_name)
        number: list[object] = (
            [case.duties.all()[0].pk] if name in {"cases:done", "cases:waive", "cases:assign"} else []
        )
        number += [case.measures.all()[0].pk] if name in {"cases:approve", "cases:lift"} else []
        number += ["outcome_none_reported"] if name == "cases:write_notice" else []
        is_letter = name in {"cases:notice", "cases:rewrite_notice", "cases:step_notice", "cases:paper"}
        number += [case.notices.all()[0].pk] if is_letter else []
        return reverse(name, args=[case.pk, *number])
    if name in OF_A_REPORT:
        return reverse(name, args=[report.pk])
    if name == "community:proposal":
        return reverse(name, args=["berlin", "00000000-0000-4000-8000-000000000000"])
    return reverse(name, args=["berlin"]) if name in OF_A_LEAD | OF_A_TEAM | POSTED_BY_A_TEAM else reverse(name)


def visit(client: Client, path: str, report: Report) -> list:
    body = {
        "text": "x",
        "key": "k" * 20,
        "why": "spam",
        "to": str(report.contact_id),
        "words": "xylophone",
        "remove": "1",
    }
    return [client.get(path), client.post(path, body), client.get(path, {"page": "2", "state": "new"})]


def betrays(page: object, report: Report) -> list[str]:
    text = getattr(page, "content", b"").decode(errors="replace") + str(dict(getattr(page, "headers", {})))
    words = [SECRET, "Quagmire", "proof.png", report.code_name]
    return [word for word in words if word in text]


@pytest.mark.requirement("R44", "R51", "R68")
@pytest.mark.parametrize("name", ["cleo", "lara", "gita", "bo recused", "bo left out", "ada proposed"])
def test_for_who_may_not_see_it_the_report_does_not_exist(world: World, report: Report, name: str) -> None:
    name, _, how = name.partition(" ")
    client = getattr(world, name).client()
    if how:
        client.get(reverse("reports:report", args=[report.pk]))
        take_out(world, report, how)
        report.refresh_from_db()
    before = Report.objects.filter(pk=report.pk).values().get()
    for route in every_route():
        if route in {"account_logout", "accounts_password", "accounts_elsewhere", "accounts_recovery_code"}:
            continue
        for page in visit(client, url(route, world, report), report):
            assert page.status_code < 500, (route, page.status_code)
            assert betrays(page, report) == [], route
            if route in OF_A_REPORT | OF_A_CASE:
                assert page.status_code in {404, 405}, (route, page.status_code)
    assert Report.objects.filter(pk=report.pk).values().get() == before
    assert report.messages.count() == (3 if how in {"left out", "proposed"} else 2)


def test_for_who_may_not_see_it_a_report_that_exists_and_one_that_never_did_look_the_same(
    world: World, report: Report
) -> None:
    client = world.cleo.client()
    real = client.get(reverse("reports:report", args=[report.pk]))
    fake = client.get(reverse("reports:report", args=["00000000-0000-4000-8000-000000000000"]))

    assert (real.status_code, real.content) == (fake.status_code, fake.content)


def test_nobody_gets_behind_the_sign_in(world: World, report: Report) -> None:
    for route in every_route():
        for page in visit(Client(), url(route, world, report), report):
            assert page.status_code < 500, route
            assert betrays(page, report) == [], route
            if route in OF_A_REPORT | OF_A_CASE | OF_A_LEAD | OF_A_TEAM | OF_ANY_MEMBER:
                assert page.status_code in {302, 405}, (route, page.status_code)
                if page.status_code == 302:
                    assert page.headers["Location"].startswith("/account/sign-in/")


@pytest.mark.parametrize("name", ["bo", "lara", "gita"])
def test_the_leads_pages_do_not_exist_for_others(world: World, report: Report, name: str) -> None:
    client = getattr(world, name).client()
    for route in OF_A_LEAD:
        for page in visit(client, url(route, world, report), report):
            assert page.status_code in {404, 405}, route


def test_a_session_without_its_cookie_or_a_cookie_without_its_session_opens_nothing(
    world: World, report: Report
) -> None:
    path = reverse("reports:report", args=[report.pk])
    for missing in ("key", "session"):
        client = world.bo.client()
        assert client.get(path).status_code == 200
        del client.cookies[missing]
        page = client.get(path)
        assert page.status_code == 302
        assert betrays(page, report) == []


def test_the_cookie_of_somebody_else_opens_nothing(world: World, report: Report) -> None:
    bo, ada = world.bo.client(), world.ada.client()
    bo.cookies["key"] = ada.cookies["key"].value

    assert bo.get(reverse("reports:report", args=[report.pk])).status_code == 302


@pytest.mark.parametrize(
    "route",
    sorted(OF_A_REPORT - {"reports:report", "reports:file", "reports:picture", "reports:access", "cases:of_report"}),
)
def test_a_get_changes_nothing_and_a_forged_post_neither(world: World, report: Report, route: str) -> None:
    client = world.bo.client()
    before = Report.objects.filter(pk=report.pk).values().get()
    client.get(url(route, world, report))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    body = {"text": "typed with care", "key": "k" * 20, "why": "spam"}
    foreign = strict.post(url(route, world, report), body, headers={"Sec-Fetch-Site": "cross-site"})
    answer = strict.post(url(route, world, report), body, headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.status_code == foreign.status_code == 403
    assert "typed with care" not in foreign.text
    assert Report.objects.filter(pk=report.pk).values().get() == before
    assert "typed with care" in answer.text


def test_every_page_of_the_team_is_kept_out_of_caches(world: World, report: Report) -> None:
    client = world.ada.client()
    for route in (OF_ANY_MEMBER | OF_A_LEAD | {"reports:report"} | OF_A_TEAM) - {
        "community:withdraw_invitation",
        "community:proposal",
        "reports:confirm_cards",
        "reports:handover_record",
    }:
        page = client.get(url(route, world, report))
        assert page.status_code == 200, route
        assert page.headers["Cache-Control"] == "no-store", route
        assert page.headers["Referrer-Policy"] == "same-origin", route
        assert "default-src 'none'" in page.headers["Content-Security-Policy"], route
