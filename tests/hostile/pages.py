"""Reading a page for what an attack would have made of it."""

from lxml import html

from tests.hostile.payloads import ATTACK

ADDRESSES = {"href", "src", "action", "formaction", "data", "xlink:href", "srcdoc", "http-equiv", "content"}


def had_by(text: str) -> list[str]:
    """Elements and attributes that an attack made: scripts that name it, handlers, addresses that run or lead away."""
    if not text.strip():
        return []
    found = []
    for element in html.document_fromstring(text).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "body" and "onload" in element.attrib:
            found.append("<body onload>")
        if element.tag in ("script", "style") and ATTACK in (element.text or ""):
            found.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            runs = name.startswith("on") or (
                name in ADDRESSES and value.strip().lower().startswith(("javascript:", "data:"))
            )
            leads_away = element.tag == "base" or (name == "srcdoc")
            if (runs and ATTACK in value) or leads_away:
                found.append(f"<{element.tag} {name}>")
    return found


def pages_that_show_it(client, world, names: list[str]) -> int:
    """How many of the pages show an attack as text; none of them was had by one."""
    shown = 0
    for name in names:
        response = client.get(world.address(name))
        assert response.status_code in (200, 302), name
        if "html" in response["Content-Type"] and response.content:
            assert not had_by(response.text), name
            shown += ATTACK in response.text
    return shown
