"""The description of the API (OpenAPI 3.1), made of the declarations of the resources."""

from board.api import VERSION
from board.api.answering import NOTICE
from board.api.parameters import Parameter
from board.api.problems import MEDIA_TYPE
from board.api.resources import RESOURCES, Resource
from strategies.models import Area

PROBLEMS = {
    "400": "A parameter is not understood; the detail says which, and what it takes.",
    "401": "There is no valid token.",
    "404": "There is nothing of that name in this area.",
    "429": "Too many requests in a minute; Retry-After says how long to wait.",
}
ABOUT = (
    "Read-only rows of one area's SEND strategy. Dates are ISO 8601, moments are UTC, figures are JSON numbers with at most "
    "six decimal places, statuses are objects of a code and a word. Ask for CSV with the header Accept: text/csv or "
    "with format=csv. Send the ETag of an answer as If-None-Match to learn without cost that nothing has changed."
)


def description(area: Area, address: str) -> dict:
    """`address` is where the API of this area stands, without a slash at its end."""
    return {
        "openapi": "3.1.0",
        "info": {"title": f"SEND strategy of {area.name}", "version": VERSION, "description": ABOUT},
        "servers": [{"url": address}],
        "security": [{"token": []}],
        "paths": {f"/{resource.name}/": {"get": _operation(resource)} for resource in RESOURCES.values()},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Made on the page My access."}},
            "schemas": {
                "Problem": _closed({
                    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                    "detail": {"type": "string"},
                }),
                **{_row_name(resource): _row(resource) for resource in RESOURCES.values()},
            },
        },
    }  # fmt: skip


def _operation(resource: Resource) -> dict:
    return {
        "operationId": resource.name,
        "summary": resource.title,
        "description": resource.about,
        "parameters": [_parameter(parameter) for parameter in resource.parameters],
        "responses": {
            "200": {
                "description": "The rows.",
                "content": {
                    "application/json": {"schema": _envelope(resource)},
                    "text/csv": {"schema": {"type": "string"}},
                },
            },
            "304": {"description": "Nothing has changed since the answer with that ETag."},
            **{status: _problem(about) for status, about in PROBLEMS.items()},
        },
    }


def _problem(about: str) -> dict:
    return {"description": about, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _parameter(parameter: Parameter) -> dict:
    said = {"name": parameter.name, "in": "query", "description": parameter.about, "schema": parameter.schema()}
    return {**said, "style": "form", "explode": True} if parameter.is_list else said


def _row_name(resource: Resource) -> str:
    return f"{resource.name.capitalize()}Row"


def _row(resource: Resource) -> dict:
    return {**_closed({field.name: field.schema() for field in resource.fields}), "description": resource.about}


def _envelope(resource: Resource) -> dict:
    moment = {"type": "string", "format": "date-time"}
    return _closed(
        {
            "resource": {"const": resource.name},
            "area": _closed({"slug": {"type": "string"}, "name": {"type": "string"}}),
            "as_at": {**moment, "description": "The moment that the rows show."},
            "day": {"type": "string", "format": "date"},
            "generated_at": moment,
            "is_illustrative": {"type": "boolean", "description": "Whether anything made up is among the area's rows."},
            "notice": {"enum": ["", NOTICE]},
            "total": {"type": "integer", "minimum": 0},
            "page": {"type": "integer", "minimum": 1},
            "limit": {"type": "integer", "minimum": 1},
            "next": {"type": ["string", "null"], "description": "The address of the next page."},
            "rows": {"type": "array", "items": {"$ref": f"#/components/schemas/{_row_name(resource)}"}},
        }
    )


def _closed(properties: dict) -> dict:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
