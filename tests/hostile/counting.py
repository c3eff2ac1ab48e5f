"""How many requests each hostile test sends, for docs/hostile-input.md: counted, not added up by hand.

    .venv/bin/python -m pytest -n0 -p no:playwright -p tests.hostile.counting tests/hostile tests/test_id_swaps.py tests/test_bad_input.py

prints a line for each test, all its cases together, and for each list of payloads how many there are.
"""

from collections import Counter

import pytest
from django.test.client import RequestFactory

from tests.hostile import payloads

sent: Counter = Counter()
cases: Counter = Counter()
running = ["before any test"]
plain_request = RequestFactory.generic


def counted(self, *args, **kwargs):
    sent[running[0]] += 1
    return plain_request(self, *args, **kwargs)


def pytest_configure(config):
    RequestFactory.generic = counted


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    running[0] = f"{item.path.name}: {item.originalname}"
    cases[running[0]] += 1


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("requests sent")
    for name, count in cases.items():
        terminalreporter.write_line(f"{sent[name]:6} in {count:3} cases  {name}")
    terminalreporter.write_line(f"{sum(sent.values()):6} in all")
    lists = {
        name: len(value) for name, value in vars(payloads).items() if isinstance(value, list | dict) and name.isupper()
    }
    terminalreporter.write_line("payloads: " + ", ".join(f"{name} {count}" for name, count in sorted(lists.items())))
