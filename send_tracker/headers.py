"""What every answer says to the browser, files of the pages included, besides what Django and django-csp say."""

from django.conf import settings

# No page uses any of these. Keys of a second factor are the exception: the pages about them ask for one.
UNUSED = (
    "accelerometer", "ambient-light-sensor", "autoplay", "battery", "bluetooth", "browsing-topics", "camera",
    "display-capture", "encrypted-media", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection",
    "local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial",
    "sync-xhr", "usb", "web-share", "xr-spatial-tracking",
)  # fmt: skip
OF_THESE_PAGES = ("fullscreen", "publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS = ", ".join([*(f"{name}=()" for name in UNUSED), *(f"{name}=(self)" for name in OF_THESE_PAGES)])

# What is no page: files, rows for programs, pictures, scripts. Opened by itself it may load nothing, run nothing and stand in
# no frame. That says nothing of a page that loads it, which has a policy of its own.
OF_NO_PAGE = (
    "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
)


def is_no_page(response) -> bool:
    """A 304 says nothing of its kind, and its headers would be taken for those of what the browser kept."""
    return response.status_code != 304 and not response.headers.get("Content-Type", "").startswith("text/html")


def is_sandboxed(response) -> bool:
    return "sandbox" in response.headers.get("Content-Security-Policy", "")


def is_text_of_unsaid_letters(response) -> bool:
    """A browser would guess them, and a guess can make a script of a text."""
    said = response.headers.get("Content-Type", "")
    return said.startswith("text/") and "charset" not in said


class HeadersMiddleware:
    """Stands beside `SecurityMiddleware`, before the files of the pages are answered."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Reporting-Endpoints", f'{settings.CSP_REPORT_GROUP}="{settings.CSP_REPORT_PATH}"')
        if is_no_page(response) and not is_sandboxed(response):
            response.headers["Content-Security-Policy"] = OF_NO_PAGE
        if is_text_of_unsaid_letters(response):
            response.headers["Content-Type"] += "; charset=utf-8"
        return response
