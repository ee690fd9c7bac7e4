"""Many reports at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.hard.conftest import code_of, token_of, told
from tests.services import Heard

pytestmark = pytest.mark.slow
MANY = 64


def test_64_reports_at_once_arrive_each_once_and_each_opens(serve: Callable[..., Heard]) -> None:
    server = serve(processes=4).start()
    before = int(server.shell("from heard.reports.models import Report; print(Report.objects.count())"))

    def report(n: int) -> str:
        token = token_of(server.get("/e/lantern-conf/").text)
        fields = {"token": token, "what_happened": f"marker-{n}-end"}
        with ThreadPoolExecutor(2) as clicks:
            answers = [clicks.submit(server.post, "/e/lantern-conf/", fields) for _ in range(2)]
        codes = {code_of(answer.result().text) for answer in answers}
        assert len(codes) == 1
        return codes.pop()

    with ThreadPoolExecutor(MANY) as pool:
        codes = list(pool.map(report, range(MANY)))

    assert len(set(codes)) == MANY
    after = int(server.shell("from heard.reports.models import Report; print(Report.objects.count())"))
    assert after - before == MANY
    for n, code in enumerate(codes):
        assert f"marker-{n}-end" in told(server, code)
