"""What is wrong with a page that a browser shows."""

from axe_playwright_python.sync_playwright import Axe


def findings(page) -> list[str]:
    """What axe says against the page, with where."""
    result = Axe().run(page)
    return [
        f"{found['id']}: {found['help']} at {[node['target'] for node in found['nodes']][:3]}"
        for found in result.response["violations"]
    ]


def sideways(page) -> list[str]:
    """Whether something runs off the side."""
    shown, held = page.evaluate("[innerWidth, document.documentElement.scrollWidth]")
    return [f"scrolls sideways at {shown} pixels"] if held > shown else []


TOO_SMALL = """() => {
  const size = 24;
  const targets = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(
    (each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest('.govuk-visually-hidden, .govuk-skip-link') &&
      !(each.matches('[type=radio], [type=checkbox]') && each.labels.length));
  const boxes = new Map(targets.map((each) => [each, each.getBoundingClientRect()]));
  const letters = (text) => (text.match(/\\p{L}/gu) || []).length;
  const inSentence = (each) => {
    if (getComputedStyle(each).display !== 'inline') return false;
    const block = each.closest('p, li, td, th, dd, dt, h1, h2, h3, h4, label, legend, div, .st-reason');
    const links = targets.filter((other) => block.contains(other)).map((other) => other.innerText).join('');
    return letters(block.innerText) >= letters(links) + 8; // words beside the links, more than what parts them
  };
  const near = (one, other) => {
    const [cx, cy] = [one.x + one.width / 2, one.y + one.height / 2];
    const isSmall = other.width < size || other.height < size;
    const [ox, oy] = [other.x + other.width / 2, other.y + other.height / 2];
    if (isSmall && Math.hypot(cx - ox, cy - oy) < size) return true;
    const dx = Math.max(other.left - cx, 0, cx - other.right), dy = Math.max(other.top - cy, 0, cy - other.bottom);
    return Math.hypot(dx, dy) < size / 2;
  };
  return targets.filter((each) => {
    const box = boxes.get(each);
    if (box.width >= size && box.height >= size) return false;
    if (inSentence(each)) return false;
    return targets.some((other) => other !== each && !each.contains(other) && !other.contains(each) && near(box, boxes.get(other)));
  }).map((each) => `${(each.innerText || each.name || each.value).trim().slice(0, 40)} ${Math.round(boxes.get(each).width)} x ${Math.round(boxes.get(each).height)}`);
}"""


def too_small(page) -> list[str]:
    """What takes a finger and is less than 24 by 24 pixels, in no sentence, and has another within that circle (WCAG 2.5.8)."""
    return page.evaluate(TOO_SMALL)
