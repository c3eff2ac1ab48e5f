"""The WSGI application that a server such as gunicorn loads."""

import os

from django.core.wsgi import get_wsgi_application

from common.settling import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
application = get_wsgi_application()
settle()
