"""Lists in files, and the two commands."""

import csv
from pathlib import Path

import pytest
from openpyxl import Workbook

from heard.cli import main
from heard.matching.files import NotATable, read_people

pytestmark = pytest.mark.requirement("R70")
BANS = [
    ["ban_id", "name", "aliases", "email"],
    ["B1", "Katherine Brzezicka", "Kasia; KB", "kate@x.org"],
    ["B2", "Bo Li", "", ""],
]
REGISTRATIONS = [
    ["reg_id", "given_name", "family_name", "full_name", "email"],
    ["R1", "Kate", "Brzezicka", "", ""],
    ["R2", "Ada", "Byron", "Ada Byron", "kate+x@x.org"],
    ["R3", "Somebody", "Else", "", ""],
    ["", "No", "Id", "", ""],
    ["R3", "Twice", "There", "", ""],
    ["R5", "", "", "", ""],
    ["R6", "Too", "Many", "", "", "values"],
]


def table(path: Path, rows: list[list[str]]) -> Path:
    if path.suffix == ".xlsx":
        book = Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_two_lists_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str) -> None:
    bans, registrations = table(tmp_path / f"b.{ending}", BANS), table(tmp_path / f"r.{ending}", REGISTRATIONS)
    out = tmp_path / "out.csv"

    assert main(["screen", "--bans", str(bans), "--registrations", str(registrations), "--out", str(out)]) == 0

    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert {(row["reg_id"], row["ban_id"], row["answer"]) for row in rows} == {
        ("R1", "B1", "look"),
        ("R2", "B1", "look"),
    }
    assert "short form" in rows[0]["why"] and "plus tag" in rows[1]["why"]
    said = capsys.readouterr()
    assert f"{3 + (ending == 'xlsx')} registrations against 2 bans" in said.out
    assert "line 5: left out, reg_id is empty" in said.err
    assert "stands there twice" in said.err
    assert "no name, address, handle or phone" in said.err


def test_more_values_than_columns_are_named(tmp_path: Path) -> None:
    _, broken = read_people(table(tmp_path / "r.csv", REGISTRATIONS), "reg_id")

    assert ("more values than columns") in {row.reason for row in broken}


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b"\xff\xfe\x00bad"), ("a.xlsx", b"no workbook"), ("a.csv", b"other,columns\n1,2\n")]
)
def test_what_is_no_table_gets_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NotATable):
        read_people(tmp_path / name, "reg_id")
    bans = table(tmp_path / "b.csv", BANS)

    assert (
        main(["screen", "--bans", str(bans), "--registrations", str(tmp_path / name), "--out", str(tmp_path / "o")])
        == 1
    )
    assert capsys.readouterr().err.startswith("heard: ")


def test_two_names_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["match", "Kate Brzezicka", "Katherine Brzezicka"]) == 0
    assert "look" in capsys.readouterr().out
    assert main(["match", "Kate Brzezicka", "--bans", str(table(tmp_path / "b.csv", BANS))]) == 0
    assert "B1: look" in capsys.readouterr().out
    assert main(["match", "Nobody Here", "--bans", str(tmp_path / "b.csv")]) == 0
    assert capsys.readouterr().out == "clear\n"
    assert main(["match", "Alone"]) == 2
