"""The HTTP face: the road of a ride as JSON, and the page that shows it.

In: a city's cell, pack and vault, requests. Out: JSON with both languages in every text, one shape
for every error, OpenAPI, and the demonstration's page. Never: a rule of the business; it calls the
rooms and answers what they say.
"""

from ridecode.api.app import make_app
from ridecode.api.db import latest
from ridecode.api.desk import Desk
from ridecode.api.publication import publication

__all__ = ["Desk", "latest", "make_app", "publication"]
