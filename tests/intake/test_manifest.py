"""facts.yaml: what it can say, and what is said about its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulesengine.diagnostics import Rejected
from rulesengine.intake import read_book
from rulesengine.model.money import Money
from rulesengine.model.types import PercentType
from tests.intake.shapes import DEAL, KEY, PARTNER, USD, fact, field, payee, quota, schema, short, write

SHAPE = schema(PARTNER, DEAL)
PARTNERS = "payees: {partner: {file: p.csv}}\n"


def mistakes(folder: Path, manifest: str, shape: object = SHAPE) -> list[str]:
    """Return what is said about a manifest."""
    write(folder, {"p.csv": "id\nana\n", "facts.yaml": manifest})
    with pytest.raises(Rejected) as caught:
        read_book(shape, folder)  # type: ignore[arg-type]
    return [
        f"{d.span or d.place} {d.code} {d.message}" + (f" ({d.hint})" if d.hint else "")
        for d in caught.value.diagnostics
    ]


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            PARTNERS + "facts:\n  deal:\n    file: d.csv\n    colums: {}\n",
            "facts.yaml:5:5 R1001 unknown key `colums` (did you mean `columns`?)",
        ),
        (
            PARTNERS + "facts:\n  deal:\n    file: d.csv\n    where: {stage: won}\n",
            "facts.yaml:5:5 R1001 unknown key `where` (known are `file`, `format`, `delimiter`, `columns`)",
        ),
        ("fact: {}\n", "facts.yaml:1:1 R1001 unknown key `fact` (did you mean `facts`?)"),
        (
            PARTNERS + "facts: {deal: {columns: {}}}\n",
            "facts.yaml:2:9 R1001 `file` is missing (say `file: …`)",
        ),
        (
            PARTNERS + "facts: {deal: d.csv}\n",
            "facts.yaml:2:9 R1001 `deal` must hold keys, such as `file: deals.csv`",
        ),
        (
            PARTNERS + "facts: {deal: {file: d.csv, format: excel}}\n",
            "facts.yaml:2:29 R1001 `format` must be `csv`, `jsonl`, `parquet` or `yaml`",
        ),
        (
            PARTNERS + "facts: {deal: {file: d.csv, columns: {amount: {as: share}}}}\n",
            "facts.yaml:2:48 R1001 `as` must be `ratio` or `percent`",
        ),
        (
            PARTNERS + "facts: {deal: {file: d.csv, delimiter: ';;'}}\n",
            "facts.yaml:2:29 R1001 `delimiter` must be one character",
        ),
        *(
            (
                PARTNERS + f"facts: {{deal: {{file: d.csv, delimiter: {delimiter}}}}}\n",
                "facts.yaml:2:29 R1001 `delimiter` cannot be a quote or a line end",
            )
            for delimiter in ("'\"'", '"\\n"', '"\\r"')
        ),
        (
            PARTNERS + "facts: {deal: {file: d.csv, delimiter: ''}}\n",
            "facts.yaml:2:29 R1001 `delimiter` must be one character",
        ),
        (
            PARTNERS + "facts: {deal: {file: d.csv, columns: {id: {separator: '; '}}}}\n",
            "facts.yaml:2:44 R1001 `separator` must be one character",
        ),
        (
            PARTNERS + "facts: {deal: {file: d.csv, columns: [id]}}\n",
            "facts.yaml:2:29 R1001 `columns` must say field and column, such as `amount: NetAmount`",
        ),
        (
            PARTNERS + "facts: {deal: {file: d.csv, columns: {id: {map: [a]}}}}\n",
            "facts.yaml:2:44 R1001 `map` must say spelling and value, such as `GTXPro: GTX Pro`",
        ),
        (
            PARTNERS + "facts: {deal: {file: d.csv, columns: {id: [a]}}}\n",
            "facts.yaml:2:39 R1001 `id` must be a column, or options such as `column: NetAmount`",
        ),
        (
            "payees: {partner: {file: p.csv, distinct: maybe}}\nfacts: {deal: {file: p.csv}}\n",
            "facts.yaml:1:33 R1001 `distinct` must be true or false",
        ),
        ("facts: [\n", "facts.yaml:2:1 R1001 not YAML: "),
        ("facts: {}\nfacts: {}\n", "facts.yaml:2:1 R1001 not YAML: `facts` occurs twice"),
        ("- a\n", "facts.yaml:1:1 R1001 the manifest must hold keys, such as `file: deals.csv`"),
    ],
)
def test_shape(tmp_path: Path, manifest: str, expected: str) -> None:
    found = mistakes(tmp_path, manifest)
    assert len(found) == 1
    assert found[0].startswith(expected)


FULL = PARTNERS + "facts:\n  deal:\n    file: d.csv\n    columns:\n"


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            FULL + "      amuont: x\n",
            ["facts.yaml:6:7 R1001 `deal` has no field `amuont` (did you mean `amount`?)"],
        ),
        (
            FULL + "      partner: {as: ratio}\n",
            ["facts.yaml:6:7 R1001 `as` says nothing for field `partner`, which is partner"],
        ),
        (
            FULL + "      amount: {separator: '|'}\n",
            ["facts.yaml:6:7 R1001 `separator` says nothing for field `amount`, which is money (USD)"],
        ),
        (
            FULL + "      closed: {currency: c}\n",
            ["facts.yaml:6:7 R1001 `currency` says nothing for field `closed`, which is date"],
        ),
        (
            FULL + "      amount: {column: a, constant: 5}\n",
            ["facts.yaml:6:7 R1001 field `amount` has a constant and a column; one of them is meant"],
        ),
        (
            FULL + "      amount: {constant: 1e3}\n",
            [
                "facts.yaml:6:7 R1001 the constant `1e3` does not fit field `amount`: "
                "exponents are not read; write the number out, such as 1000"
            ],
        ),
        (
            FULL + "      amount: {constant: ''}\n",
            [
                "facts.yaml:6:7 R1001 the constant `` does not fit field `amount`: the field is required",
            ],
        ),
        (
            FULL + "      closed: {format: '%d/%m'}\n",
            ["facts.yaml:6:7 R1001 a day, a month and a year are needed, such as `%d/%m/%Y`"],
        ),
        (
            FULL + "      closed: {format: '%x'}\n",
            [
                "facts.yaml:6:7 R1001 `%x` is not a part of a date; "
                "there are %Y %y %m %d %H %I %M %S %f %p %b %B"
            ],
        ),
        (
            FULL + "      amount: Betrag\n",
            [
                "facts.yaml:6:7 R1003 column `Betrag` for field `amount` is missing"
                " (columns not used: `amount`)"
            ],
        ),
        (
            FULL + "      amount: {currency: cur}\n",
            ["facts.yaml:6:7 R1003 column `cur` for field `amount` is missing"],
        ),
        (
            PARTNERS + "facts: {deal: {file: dd.csv}}\n",
            ["facts.yaml:2:16 R1002 the file `dd.csv` is missing (did you mean `d.csv`?)"],
        ),
        (
            PARTNERS + "facts: {deal: {file: sub/e.csv}}\n",
            [
                "facts.yaml:2:16 R1002 the file `sub/e.csv` is missing "
                "(its folder is not there either; `--root` says where data lies)"
            ],
        ),
        (
            PARTNERS + "facts: {deal: {file: q*.csv}}\n",
            ["facts.yaml:2:16 R1002 no file matches `q*.csv`"],
        ),
        (
            PARTNERS + "facts: {deal: {file: d.txt}}\n",
            [
                "facts.yaml:2:16 R1004 the ending of `d.txt` does not tell its format (known are .csv, "
                ".csv.gz, .parquet, .jsonl, .jsonl.gz and .yaml; facts.yaml may say `format:`)"
            ],
        ),
        (
            "facts: {deal: {file: d.csv}, partner: {file: p.csv}}\n",
            [
                "facts.yaml:1:30 R1001 `partner` is a payee in the plan and stands under `facts` "
                "(move it below `payees`)"
            ],
        ),
        (
            "payees: {partner: {file: p.csv, from: since}}\nfacts: {deal: {file: d.csv}}\n",
            ["facts.yaml:1:33 R1001 `partner` has no `history` field, so `from` says nothing"],
        ),
        (
            PARTNERS + "facts: {deals: {file: d.csv}}\n",
            [
                "facts.yaml:1:1 R1002 no facts for `deal` (did you mean `deals`?)",
                "facts.yaml:2:9 R1005 the plan has no kind, quota or rates `deals` (did you mean `deal`?)",
            ],
        ),
        (
            "facts: {deal: {file: d.csv, columns: {foo: bar}}}\npayees: {partner: {file: none.csv}}\n",
            [
                "facts.yaml:1:39 R1001 `deal` has no field `foo`",
                "facts.yaml:2:20 R1002 the file `none.csv` is missing",
            ],
        ),
    ],
)
def test_against_the_plan(tmp_path: Path, manifest: str, expected: list[str]) -> None:
    write(tmp_path, {"d.csv": "id,partner,amount,closed\n"})
    assert mistakes(tmp_path, manifest) == expected


def test_everything_it_can_say(tmp_path: Path) -> None:
    """Columns, constants, maps, currencies of rows, several files, a separator and a root."""
    manifest = """
root: data
payees:
  partner: {file: p.yaml}
facts:
  deal:
    file: [north/*.csv, south.txt]
    format: csv
    delimiter: ";"
    columns:
      id: Nr
      amount: {column: Sum, currency: Cur}
      closed: {column: Day, format: "%d.%m.%Y"}
      stage: {constant: no}
      partner: {map: {Anna: ana}}
"""
    shape = schema(PARTNER, fact("deal", *DEAL.fields, field("stage")))
    files = {
        "facts.yaml": manifest,
        "data/p.yaml": "- id: ana\n",
        "data/north/b.csv": "Nr;partner;Sum;Cur;Day\nD-2;Anna;20;USD;1.2.2026\n",
        "data/north/a.csv": "Nr;partner;Sum;Cur;Day\nD-3;ana;30;USD;2.2.2026\n",
        "data/south.txt": "Day;Cur;Sum;partner;Nr\n03.02.2026;EUR;10;ana;D-1\n3.2.2026;;10;ana;D-4\n",
    }
    got = read_book(shape, write(tmp_path, files))
    assert [(d.key, str(d.place), d.values["stage"]) for d in got.book.facts["deal"]] == [
        ("D-2", "north/b.csv:1", "no"),
        ("D-3", "north/a.csv:1", "no"),
    ]
    assert [(short(r), r.value, r.reason) for r in got.rejects] == [
        ("south.txt:1 R1107 amount", "EUR", "expected USD, found EUR"),
        ("south.txt:2 R1107 amount", "", "expected USD, found no currency"),
    ]
    assert [name for name, _, _ in got.files] == [
        "facts.yaml",
        "north/a.csv",
        "north/b.csv",
        "p.yaml",
        "south.txt",
    ]
    total = got.totals[0]
    assert (str(total.money_read["amount"]), total.unreadable) == ("50", {"amount": 2})


def test_root_may_be_given_from_outside(tmp_path: Path) -> None:
    write(tmp_path, {"map/facts.yaml": "root: nowhere\n" + PARTNERS, "data/p.csv": "id\nana\n"})
    got = read_book(schema(PARTNER), tmp_path / "map", root=tmp_path / "data")
    assert list(got.book.payees["partner"]) == ["ana"]


def test_quota_options(tmp_path: Path) -> None:
    manifest = """
payees: {partner: {file: p.csv, columns: {id: BusinessEntityID}}}
quotas:
  booking_quota:
    file: q.csv
    columns: {partner: who, period: day, amount: goal}
    period_format: "%d/%m/%Y %H:%M"
"""
    files = {
        "facts.yaml": manifest,
        "p.csv": "BusinessEntityID\n1\n",
        "q.csv": "who,day,goal\n1,31/05/2026 08:30,5\n",
    }
    got = read_book(schema(PARTNER, quotas=(quota(),)), write(tmp_path, files))
    assert [(k.keys, str(k.start), str(v)) for k, v in got.book.quotas["booking_quota"].items()] == [
        (("1",), "2026-04-01", "5")
    ]


def test_one_file_may_serve_several_kinds(tmp_path: Path) -> None:
    manifest = """
payees:
  agent: {file: team.csv, columns: {id: name, rate: {column: rate, as: percent}, base: {constant: 10 USD}}}
  manager: {file: team.csv, columns: {id: boss}, distinct: true}
"""
    agent = payee("agent", KEY, field("rate", PercentType()), field("base", USD))
    files = {"facts.yaml": manifest, "team.csv": "name,boss,rate\nana,zoe,5\nbob,zoe,6\n"}
    got = read_book(schema(agent, payee("manager", KEY)), write(tmp_path, files))
    assert list(got.book.payees["agent"]) == ["ana", "bob"]
    assert list(got.book.payees["manager"]) == ["zoe"]
    assert got.book.payees["agent"]["bob"].values["base"] == Money(10, "USD")  # type: ignore[arg-type]
    assert [name for name, _, _ in got.files] == ["facts.yaml", "team.csv"]


def test_what_is_left_out_is_found_by_name(tmp_path: Path) -> None:
    """Only what differs must be said."""
    files = {
        "facts.yaml": "root: data\nfacts: {deal: {file: d.csv}}\n",
        "data/d.csv": "id,partner,amount,closed\nD-1,ana,5,2026-01-20\n",
        "data/partner.csv": "id\nana\n",
    }
    got = read_book(SHAPE, write(tmp_path, files))
    assert [deal.key for deal in got.book.facts["deal"]] == ["D-1"]
    assert [name for name, _, _ in got.files] == ["d.csv", "facts.yaml", "partner.csv"]
    write(tmp_path, {"data/partner.jsonl": ""})
    with pytest.raises(Rejected) as caught:
        read_book(SHAPE, tmp_path)
    assert [d.message for d in caught.value.diagnostics] == [
        "more than one file holds `partner`: `partner.csv`, `partner.jsonl`"
    ]
