"""What the pages show, as rows for other programs: read-only, versioned, described by OpenAPI.

Each resource is declared once (`resources.py`): its fields, its parameters and where its rows come from. The JSON, the
CSV, the description (`openapi.py`) and the page that explains it are made of that declaration. Actions, KPIs and risks
come from the tables of the pages, so that no row, order or status can differ from the exports.
"""

VERSION = "1.0"
