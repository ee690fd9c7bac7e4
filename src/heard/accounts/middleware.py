"""Signed in means: the key is open."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from heard.accounts import sessions

Respond = Callable[[HttpRequest], HttpResponse]


class Unlocked:
    """Gives every request its keyring, opened when first used."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the keyring at hand."""
        request.keyring = SimpleLazyObject(lambda: sessions.open_keyring(request))  # type: ignore[attr-defined]
        response = self.get_response(request)
        sessions.set_cookie(request, response)
        return response
