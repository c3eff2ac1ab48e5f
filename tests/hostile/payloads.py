"""What is tried, by class: short lists in our own words of what the OWASP cheat sheets warn of.

Each script payload would make an element or an attribute that names ATTACK; so a page that holds one of those has been had.
"""

ATTACK = "pwned"

SCRIPTS = [
    f"<script>{ATTACK}()</script>",
    f"<img src=x onerror={ATTACK}()>",
    f"<svg onload={ATTACK}()>",
    f"<svg><script href=data:,{ATTACK}() /></svg>",
    f'"><script>{ATTACK}()</script>',
    f"'><img src=x onerror={ATTACK}()>",
    f'" autofocus onfocus={ATTACK}() x="',
    f"' autofocus onfocus={ATTACK}() x='",
    f"</textarea><script>{ATTACK}()</script>",
    f"</title><script>{ATTACK}()</script>",
    f"--><script>{ATTACK}()</script>",
    f"</style><script>{ATTACK}()</script>",
    f"<iframe srcdoc='<script>parent.{ATTACK}()</script>'>",
    f"<a href='javascript:{ATTACK}()'>look</a>",
    f"<details open ontoggle={ATTACK}()>",
    f"<scr<script>ipt>{ATTACK}()</scr</script>ipt>",
    f"<body onload={ATTACK}()>",
    f"<form action=javascript:{ATTACK}()><button>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={ATTACK}()>",
    f"\\u003cscript\\u003e{ATTACK}()\\u003c/script\\u003e",
    f"&lt;script&gt;{ATTACK}()&lt;/script&gt;",
    f"<meta http-equiv=refresh content='0;url=javascript:{ATTACK}()'>",
    f"<base href='https://{ATTACK}.example/'>",
    f"<noscript><p title='</noscript><img src=x onerror={ATTACK}()>'>",
]
TEMPLATES = [
    "{{ 7919|add:7907 }}", "{{ settings.SECRET_KEY }}", "{% debug %}", "{% load static %}", "{{7919*7907}}", "${7919*7907}",
    "#{7919*7907}", "<%= 7919*7907 %>", "{0.__class__.__mro__}", "%(SECRET_KEY)s", "#eval(\"7919\")", "{{ request.user.password }}",
]  # fmt: skip
# What the sums above come to, and the secret of a development installation.
WORKED_OUT = ["15826", "62615533", "for-development-and-demonstration"]

QUERIES = [
    "' OR '1'='1", "'; DROP TABLE people_user;--", "1) UNION SELECT password FROM people_user--", '" OR ""="',
    "\\'; SELECT pg_sleep(5);--", "%' --", "*", "a* OR b*", '"', '"unclosed', "NEAR(a b", "a:b", "col:a", "^a", "- a",
    "(((((", "a AND", "NOT", "{a}", '{"$ne": null}', "[$regex]=.*", "__proto__", "constructor[prototype]", "a & | !", ":*",
    "<->", "a <-> !", "%", "_", "\\", "ª", "İ", "\u202eabc", "\u200b", "x" * 5000,
]  # fmt: skip
# Names of fields that would ask more of a database than a filter may.
LOOKUPS = [
    "lead__user__password__startswith", "area__memberships__user__password", "pk__in", "id", "strategy__area", "__class__",
    "updates__author__password__regex", "area", "is_illustrative", "order_by", "fields", "limit[]",
]  # fmt: skip

ELSEWHERE = [
    "https://evil.example/", "http://evil.example", "//evil.example/", "///evil.example/", "////evil.example",
    "/\\evil.example/", "\\\\evil.example", "\\/evil.example", "https:evil.example", "https:/evil.example",
    "https:///evil.example", "/%09/evil.example", "/\t/evil.example", "\t//evil.example", " //evil.example",
    "javascript:pwned()", "JaVaScRiPt:pwned()", "data:text/html,pwned", "http://localhost@evil.example/",
    "http://testserver@evil.example/", "https://testserver.evil.example/", "/\r\nLocation: https://evil.example/",
    "//evil.example\\@testserver/", "http:\\\\evil.example", "\x00//evil.example", "//evil%E3%80%82example", "ftp://evil.example",
]  # fmt: skip
HOSTS = [
    "evil.example", "evil.example:80", "testserver.evil.example", "testserver@evil.example", "evil.example#testserver",
    "testserver:80@evil.example", "localhost.evil.example", "[::ffff:1.2.3.4]", "testserver\\.evil.example", "127.0.0.1.evil.example",
    "", "testserver/evil.example", "te stserver",
]  # fmt: skip
PATHS = [
    "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "..\\..\\windows\\win.ini", "..%5c..%5cwin.ini",
    "%252e%252e%252fetc%252fpasswd", "....//....//etc/passwd", "/etc/passwd", "//etc/passwd", "file:///etc/passwd",
    "%c0%ae%c0%ae/etc/passwd", "..;/etc/passwd", ".%00./etc/passwd", "tracker.css/../../send_tracker/settings.py",
    ".git/config", ".env", "db.sqlite3", "settings.py",
]  # fmt: skip
LINE_ENDS = ["\r\nSet-Cookie: a=b", "\nSet-Cookie: a=b", "\rX: y", "%0d%0aX: y", "\u560a\u560dX: y", "\r\n\r\n<script>"]
CHARACTERS = {
    "NUL": "a\x00b", "escape": "a\x1bb", "backspace": "a\x08b", "half a pair": "a\ud800b", "the other half": "a\udfffb",
    "never a character": "a\uffffb",
}  # fmt: skip
# Odd, and allowed: kept and shown as they are, inside their own element.
ODD = {
    "right to left override": "abc\u202etxt.exe\u202c", "zero width": "a\u200bb\u200db", "combining": "a" + "\u0301" * 60,
    "beyond the basic plane": "\U0001f600\U00010348", "full width": "＜script＞pwned()＜/script＞",
}  # fmt: skip
MORE_FIELDS = {
    "is_superuser": "1", "is_staff": "1", "is_active": "0", "role": "administrator", "area": "2", "area_id": "2",
    "user": "1", "user_id": "1", "author": "1", "recorded_by": "1", "is_illustrative": "1", "recorded_at": "2001-01-01",
    "added_at": "2001-01-01", "number": "77", "id": "1", "pk": "1", "password": "a new password 123", "made_by": "1",
    "seed_key": "pwned", "seeded_hash": "pwned", "source": "1", "history_user": "1", "is_published": "1", "is_imported": "1",
    "authority": "board", "sha256": "0", "digest": "0", "withheld_at": "2001-01-01", "closed_at": "2001-01-01",
    "opened_at": "2001-01-01", "confirmed_at": "2001-01-01", "state": "confirmed",
}  # fmt: skip
