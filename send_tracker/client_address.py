"""Who is asking, where a proxy stands between.

What a proxy adds (X-Forwarded-For, X-Forwarded-Proto) is believed only of one that `TRUSTED_PROXY` names; from anybody else
it is dropped before anything reads it. Then `REMOTE_ADDR` is the visitor's address for the lock-out, the limits and the
audit log alike.
"""

from ipaddress import ip_address, ip_network

from django.conf import settings

from send_tracker.environment import UNIX

ADDED_BY_PROXIES = (
    "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)  # fmt: skip


def is_trusted(address: str, trusted: list[str]) -> bool:
    """A socket of the file system has no address."""
    if not address:
        return UNIX in trusted
    try:
        asking = ip_address(address)
    except ValueError:
        return False
    return any(asking in ip_network(each) for each in trusted if each != UNIX)


def visitor_of(forwarded: str, trusted: list[str]) -> str:
    """The last address of the list that is no proxy of ours: what stands before it anybody may have written.

    Empty where there is none that is an address.
    """
    for each in reversed(forwarded.split(",")[-20:]):
        address = each.strip()
        try:
            ip_address(address)
        except ValueError:
            return ""
        if not is_trusted(address, trusted):
            return address
    return ""


class ClientAddressMiddleware:
    """Stands first."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        trusted, meta = settings.TRUSTED_PROXIES, request.META
        if is_trusted(meta.get("REMOTE_ADDR", ""), trusted):
            meta["REMOTE_ADDR"] = visitor_of(meta.get("HTTP_X_FORWARDED_FOR", ""), trusted) or meta.get(
                "REMOTE_ADDR", ""
            )
        else:
            for name in ADDED_BY_PROXIES:
                meta.pop(name, None)
        return self.get_response(request)
