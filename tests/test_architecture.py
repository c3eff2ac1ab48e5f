"""The direction of the code: who may import whom, and which way foreign keys point."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ORDER = ["common", "strategies", "people", "priorities", "kpis", "workstrands", "board", "send_tracker"]
ROOT = Path(__file__).resolve().parent.parent
# The admission rules (middleware) are named in settings by their path; that is no import.


def imported_apps(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)} imports relatively; imports are absolute here"
            names.add((node.module or "").split(".")[0])
    return names & set(ORDER)


@pytest.mark.parametrize("app", ORDER)
def test_imports_point_leftwards_only(app):
    allowed = set(ORDER[: ORDER.index(app) + 1])
    files = [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    assert files, f"{app} holds no code; has it moved?"
    wrong = {str(path.relative_to(ROOT)): sorted(imported_apps(path) - allowed) for path in files}
    assert not {name: found for name, found in wrong.items() if found}


def test_nobody_imports_the_settings_package():
    for app in ORDER[:-1]:
        for path in (ROOT / app).rglob("*.py"):
            assert "send_tracker" not in imported_apps(path), path


@pytest.mark.parametrize("app", ["strategies", "people", "priorities", "kpis", "workstrands"])
def test_foreign_keys_point_leftwards_only(app):
    allowed = set(ORDER[: ORDER.index(app) + 1])
    for model in apps.get_app_config(app).get_models():
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or field.related_model is None:
                continue
            target = field.related_model._meta
            if target.label == settings.AUTH_USER_MODEL or target.app_label not in ORDER:
                continue  # the user is named everywhere; what Django brings (groups) is not ours
            assert target.app_label in allowed, f"{model.__name__}.{field.name} points at {target.label}"


def test_common_has_no_models():
    assert list(apps.get_app_config("common").get_models()) == []


def test_the_reserved_words_cover_the_products_own_addresses():
    """A slug that shadows an address, or is shadowed by one, would make a page unreachable."""
    from django.urls import get_resolver

    from strategies.models.places import RESERVED_AREA_SLUGS
    from strategies.models.plans import RESERVED_STRATEGY_SLUGS

    firsts, seconds = set(), set()

    def walk(patterns, prefix=""):
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, route)
                continue
            parts = route.split("/")
            if "<" not in parts[0] and parts[0] and "." not in parts[0]:  # no slug has a dot
                firsts.add(parts[0])
            if parts[0] == "<slug:area>" and len(parts) > 1 and parts[1] and "<" not in parts[1]:
                seconds.add(parts[1])

    walk(get_resolver().url_patterns)
    assert firsts <= set(RESERVED_AREA_SLUGS)
    assert seconds <= set(RESERVED_STRATEGY_SLUGS)
