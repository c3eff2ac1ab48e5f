"""The WSGI application that a server such as gunicorn loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
application = get_wsgi_application()

# What was loaded stays for good, so the collector need not walk it again at every page: about a tenth of a board view.
# And a page that reads thousands of rows must not set it off a dozen times.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
