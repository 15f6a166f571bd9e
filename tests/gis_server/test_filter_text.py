"""CQL2 text is read piece by piece as the parser reads it whole, only exactly."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import cql2
import pytest

from gis_server.filter_guard import tree_of

# In the manner of the standard's own examples.
EXAMPLES = r"""
avg(windSpeed)
city='Toronto'
avg(windSpeed) < 4
balance-150.0 > 0
updated >= DATE('2018-05-09')
name LIKE 'Smith._'
"name" LIKE 'mountain%'
owner LIKE '% Jones %'
NOT owner LIKE '%Mike%'
owner NOT LIKE 'Mike%'
swimming_pool=true
swimming_pool = true AND (floor>5 OR material LIKE 'brick%' OR material LIKE '%brick')
(floors>5 AND material='brick') OR swimming_pool=true
NOT (floors<5) OR swimming_pool=true
(owner LIKE 'mike%' OR owner LIKE 'Mike%') AND floors<4
depth BETWEEN 100.0 and 150.0
cityName IN ('Toronto','Frankfurt','Tokyo','New York')
category NOT IN (1,2,3,4)
geophys.SURVEY_NAME IS NOT NULL
updated = DATE('2018-05-09') AND a.b:c = 1
T_BEFORE(built, TIMESTAMP('2015-01-01T00:00:00Z'))
T_DURING(INTERVAL(starts_at, ends_at), INTERVAL('2005-01-10', '2010-02-10'))
T_DURING(updated, INTERVAL('2017-06-10T07:30:00Z', '..'))
"ro:cloud_cover" <= 10 and eo:instrument='OLI' and landsat:wrs_row= 28
S_CROSSES(LINESTRING(43.72992 -79.2998, 43.73005 -79.2991, 43.73006 -79.2984), geom)
A_CONTAINS(layer:ids, ('layers-ca', 'layers-us'))
CASEI(road_class) IN (CASEI('Οδος'),CASEI('Straße'))
ACCENTI(etat_vol) = ACCENTI('débárquér')
vehicle_height > (bridge_clearance-1)
my_function(windSpeed) < 4
depth BETWEEN pow(2, 3) AND 10 ^ 2
id IN ('a')
value IN (1, 2 + 3, foo(4))
S_WITHIN(location, BBOX(-118,33.8,-117.9,34))
S_EQUALS(geom,MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 8 5, 8 8, 5 5),(7 6, 8 6,8 7,7 6))))
S_TOUCHES(geom, GEOMETRYCOLLECTION (POINT (1 2), POLYGON ((0 0, 1 0, 1 1, 0 0))))
a.b_c-1 = -1
a<>-1 and b=- 1
'x' = 'x' and 1=1
NOT true or FALSE
tRuE aNd nOt fAlSe
Between_ = 1 and inner_ = 2
S_INTERSECTS(footprint, POLYGON((43.6 -79.5,43.7 -79.4,43.6 -79.3,43.6 -79.5)))
""".strip().splitlines()


def _read(text: str) -> Any:
    """Read a text as JSON, whose numbers are floats."""
    return json.loads(json.dumps(tree_of(text, "cql2-text"), default=float))


def test_examples_are_read_in_pieces_as_they_are_whole() -> None:
    whole = {text: json.loads(json.dumps(cql2.parse_text(text).to_json())) for text in EXAMPLES}
    assert ({text: _read(text) for text in EXAMPLES}, len(whole) > 30) == (whole, True)


def _is(name: str, value: Any) -> Any:
    return {"op": "=", "args": [{"property": name}, value]}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a = 'it''s' OR b = 'it\\'s'", {"op": "or", "args": [_is("a", "it's"), _is("b", "it's")]}),
        ("a = 'x\\_%'", _is("a", "x\\_%")),
        ("a = 'C:\\'", _is("a", "C:\\")),
        ('"a ""b"" (c)" = \'"\'', _is('a "b" (c)', '"')),
        ("a = ''", _is("a", "")),
        ("a = .5", _is("a", Decimal("0.5"))),
        ("a = 1.10", _is("a", Decimal("1.10"))),
        ("a = -0", _is("a", 0)),
        ("((a)) = ((+5.))", _is("a", 5)),
        ("a = ()", _is("a", [])),
        ("a = (1, 'x', TRUE)", _is("a", [1, "x", True])),
        ("a\u3000=\n1", _is("a", 1)),
        (
            "f() = g(h(1))",
            {
                "op": "=",
                "args": [{"op": "f", "args": []}, {"op": "g", "args": [{"op": "h", "args": [1]}]}],
            },
        ),
    ],
)
def test_what_the_parser_does_not_read_is_read_by_the_standard(text: str, tree: Any) -> None:
    assert tree_of(text, "cql2-text") == tree
