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


class HeadersMiddleware:
    """Stands beside `SecurityMiddleware`, before the files of the pages are answered."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Reporting-Endpoints", f'{settings.CSP_REPORT_GROUP}="{settings.CSP_REPORT_PATH}"')
        return response
