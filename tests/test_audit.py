"""`make audit`: what the advisory services said is told as it is, and silence is never told as a clean answer."""

import json

import pytest

from scripts.audit import CLEAN, HOLES, UNKNOWN, npm_found, python_found

GOOD = {"name": "django", "version": "5.2.9", "vulns": []}
BAD = GOOD | {"vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["5.2.10"], "aliases": [], "description": ""}]}
SKIPPED = {"name": "typst", "skip_reason": "Dependency not found on PyPI and could not be audited: typst (0.15.2)"}


def of_python(*packages) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


def of_npm(**holes) -> str:
    return json.dumps({"vulnerabilities": holes, "metadata": {"dependencies": {"total": 3}}})


@pytest.mark.parametrize(
    ("packages", "code"),
    [((GOOD,), CLEAN), ((GOOD, BAD), HOLES), ((GOOD, SKIPPED), UNKNOWN), ((BAD, SKIPPED), HOLES), ((), UNKNOWN)],
)
def test_python_packages_are_clean_only_where_each_was_looked_up(packages, code):
    assert python_found(of_python(*packages), "").code == code


def test_a_hole_is_told_with_the_release_that_mends_it():
    told = "\n".join(python_found(of_python(BAD), "").lines())

    assert "django 5.2.9, PYSEC-2026-1, mended in 5.2.10" in told


@pytest.mark.parametrize(
    ("report", "said"),
    [("", "Traceback\nConnectionError: no such host"), ("{}", "Bad gateway"), ("<html>", "no JSON")],
)
def test_a_service_that_does_not_answer_is_told_and_is_not_clean(report, said):
    found = python_found(report, said)

    assert found.code == UNKNOWN
    assert f"Not looked up: {said.splitlines()[-1]}" in "\n".join(found.lines())
    assert "no clean answer" in found.lines()[-1]


def test_npm_packages_are_told_likewise():
    hole = {"name": "sass", "range": "<2", "severity": "high", "fixAvailable": True}

    assert npm_found(of_npm(), "").code == CLEAN
    assert npm_found(of_npm(sass=hole), "").code == HOLES
    refused = npm_found(json.dumps({"message": "405 Method Not Allowed"}), "npm error")
    assert refused.code == UNKNOWN
    assert "405 Method Not Allowed" in "\n".join(refused.lines())
