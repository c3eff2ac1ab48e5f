"""The WSGI application that a server such as gunicorn loads."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from common.settling import settle
from send_tracker.postgresql import waiting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
waiting.begin()
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # the first visitor need not wait for every page's module
settle()
