"""After a whole journey nothing that was typed lies anywhere in the clear."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.hard.conftest import code_of, found, pass_of, token_of
from tests.services import Heard

pytestmark = pytest.mark.slow
WORDS = {
    "what_happened": "Chrysanthemum-story", "who": "Quagmire-person", "where": "Basement-place", "reach_email": "dara77@secretmail.example",
    "worries": "Worrisome-words", "your_name": "Daranyx",
}  # fmt: skip


def everything(server: Heard) -> dict[str, bytes]:
    """Return all that rests: data folder (database, files, mail, static), log, and a dump of the database."""
    kept = {str(p.relative_to(server.folder)): p.read_bytes() for p in server.folder.rglob("*") if p.is_file()}
    dump = "from django.core.management import call_command; call_command('dumpdata', verbosity=0)"
    kept["dump"] = server.shell(dump).encode()
    return kept


def sign_in(server: Heard, name: str) -> str:
    """Return the cookies of somebody who signed in."""
    page = server.get("/account/sign-in/")
    csrf = found(r'csrfmiddlewaretoken" value="(\w+)"', page.text)
    cookie = found(r"(csrf=\w+)", page.headers["Set-Cookie"])
    email, password = server.logins[name]
    import http.client
    from urllib.parse import urlencode

    connection = http.client.HTTPConnection("127.0.0.1", server.port, source_address=("127.0.0.77", 0))
    body = urlencode({"csrfmiddlewaretoken": csrf, "login": email, "password": password})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "User-Agent": "SpyBrowser/77"}
    connection.request("POST", "/account/sign-in/", body, headers)
    answer = connection.getresponse()
    assert answer.status == 302, answer.read()
    answer.read()
    connection.close()  # the server gives up an idle one, and the code below takes its time
    cookies = dict(cookie.partition("=")[::2] for cookie in _set(answer.getheaders()))
    body = urlencode({"csrfmiddlewaretoken": csrf, "code": server.paper_code(name)})
    joined = "; ".join(f"{key}={value}" for key, value in ({"csrf": cookie.partition("=")[2]} | cookies).items())
    connection.request("POST", "/account/second/", body, headers | {"Cookie": joined})
    answer = connection.getresponse()
    assert answer.status == 302, answer.read()
    cookies |= dict(cookie.partition("=")[::2] for cookie in _set(answer.getheaders()))
    connection.close()
    return "; ".join(f"{key}={value}" for key, value in cookies.items())


def _set(headers: list[tuple[str, str]]) -> list[str]:
    return [value.partition(";")[0] for name, value in headers if name == "Set-Cookie"]


@pytest.mark.requirement("R3")
def test_no_word_no_address_and_no_receipt_rests_anywhere(serve: Callable[..., Heard], tmp_path: Path) -> None:
    server = serve(processes=1).start()
    token = token_of(server.get("/r/berlin/").text)
    picture = SimpleUploadedFile("Filename-holiday.txt", b"Attachment-bytes " * 10_000)
    broken = server.post("/r/berlin/", WORDS | {"token": token, "what_happened": "", "files": picture})
    assert "Filename-holiday" in broken.text
    page = server.post("/r/berlin/", WORDS | {"token": token, "reach": "email"})
    code = code_of(page.text)
    box = server.post("/receipt/", {"code": code})
    server.post("/receipt/write/", {"pass": pass_of(box.text), "key": "k" * 20, "text": "Afterthought-message"})

    cookies = sign_in(server, "ada")
    inbox = server.get("/team/reports/?state=new", Cookie=cookies)
    links = re.findall(r'href="(/team/reports/[\w-]{36}/)"', inbox.text)
    pages = {link: server.get(link, Cookie=cookies).text for link in links}
    (link,) = [link for link, text in pages.items() if "Chrysanthemum-story" in text]
    csrf = found(r'csrfmiddlewaretoken" value="(\w+)"', pages[link])
    fields = {"csrfmiddlewaretoken": csrf, "text": "Letterword-answer", "key": "l" * 20}
    assert server.post(link + "acknowledge/", fields, Cookie=cookies).status == 302
    fields |= {"text": "Noteword-private", "key": "n" * 20}
    assert server.post(link + "note/", fields, Cookie=cookies).status == 302
    assert (
        "1 report with" in server.post("/team/reports/", fields | {"words": "Chrysanthemum-story"}, Cookie=cookies).text
    )
    server.get("/team/reports/not-a-page-Chrysanthemum-story/?q=Quagmire-person", Cookie=cookies)
    server.run("worker", "--once")
    server.stop()

    typed = [
        *WORDS.values(),
        "Filename-holiday",
        "Attachment-bytes",
        "Afterthought-message",
        "Letterword-answer",
        "Noteword-private",
    ]
    code_forms = [code, code.replace("-", ""), code.lower()]
    email, password = server.logins["ada"]
    secrets = [*typed, *code_forms, "127.0.0.77", "SpyBrowser", cookies.rpartition("key=")[2].partition(";")[0]]
    mailed = WORDS["reach_email"]
    for name, content in everything(server).items():
        for word in secrets:
            if word == mailed and name.startswith("data/mail/"):
                continue  # the mail to that address itself, which left
            assert word.encode() not in content, (word, name)
        if not name.endswith("demo-logins.json"):
            assert password.encode() not in content, name
    assert email
