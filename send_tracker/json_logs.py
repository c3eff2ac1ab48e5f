"""Log lines in production: one JSON object a line, with the request that it belongs to.

A line holds time, level, logger, message and request_id; of a request also method, route, status and milliseconds; of an error its
kind and where it happened. What would tell who somebody is never comes in (`common.discreet_logs`).
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

from common.discreet_logs import discreet, discreet_trace

request_id: ContextVar[str] = ContextVar("request_id", default="")
OF_A_REQUEST = ("method", "route", "status", "milliseconds")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": discreet(record.getMessage()),
            "request_id": request_id.get(),
        }
        line |= {name: record.__dict__[name] for name in OF_A_REQUEST if name in record.__dict__}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = discreet_trace(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


def logging_of(*, is_production: bool) -> dict:
    """For Django's LOGGING, and gunicorn's `logconfig_dict`."""
    plain = {"class": "logging.StreamHandler", "filters": ["discreet"]}
    in_json = plain | {"formatter": "json"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"discreet": {"()": "common.discreet_logs.DiscreetFilter"}},
        "formatters": {"json": {"()": "send_tracker.json_logs.JsonFormatter"}},
        "handlers": {"console": in_json if is_production else plain},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING"},  # said once, by the root
            "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
            # Each request has its own line in production, refused ones too.
            "django.request": {"level": "ERROR" if is_production else "WARNING"},
            "send_tracker.observing": {"level": "INFO" if is_production else "WARNING"},
            "gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False},
        },
    }
