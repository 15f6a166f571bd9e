-- The grids at a place, and the chance that the true position lies in each.
--
-- answers: the grid that answers for the place itself (a dedicated one, else the deepest, else
--          the lowest code; so the tie on a shared edge is settled).
-- covers:  whether the grid covers the reported place.
-- chance:  share of the position's Gaussian (standard deviation sigma_m on each axis) for which
--          the grid would answer; for a grid that stands above others, the share it covers.
CREATE FUNCTION grids_at(in_district int, place geometry, sigma_m float8, at timestamptz)
RETURNS TABLE (id bigint, code varchar, name varchar, net varchar, kind varchar, level smallint,
               covers boolean, answers boolean, chance float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 4 AS $$
DECLARE
    lon_m CONSTANT float8 := 111320 * cos(radians(ST_Y(place)));
    lat_m CONSTANT float8 := 110574;
    reach CONSTANT float8 := 3.5 * COALESCE(sigma_m, 0);
    around geometry;
    samples CONSTANT int := 200;
BEGIN
    IF reach > 0 THEN
        around := ST_Expand(place, reach / lon_m, reach / lat_m);
    END IF;
    -- Certain: no accuracy given, or the whole neighbourhood lies in the one that answers.
    IF around IS NULL OR EXISTS (
        SELECT FROM grids AS g
        WHERE g.district = in_district AND g.net = 'general' AND g.valid @> at
          AND ST_Contains(g.geom, around)
          AND NOT EXISTS (
              SELECT FROM grids AS d
              WHERE d.district = in_district AND d.net = 'general' AND d.valid @> at
                AND (d.level > g.level OR d.kind = 'dedicated') AND d.id <> g.id
                AND ST_Intersects(d.geom, around))
    ) THEN
        RETURN QUERY
        SELECT g.id, g.code, g.name, g.net, g.kind, g.level, true,
               row_number() OVER answering = 1, 1.0::float8
        FROM grids AS g
        WHERE g.district = in_district AND g.valid @> at AND ST_Intersects(g.geom, place)
        WINDOW answering AS (PARTITION BY g.net ORDER BY (g.kind = 'dedicated') DESC,
                             g.level DESC, g.code COLLATE "C")
        ORDER BY 4, 8 DESC, g.level DESC, g.code COLLATE "C";
        RETURN;
    END IF;
    RETURN QUERY
    WITH near AS MATERIALIZED (
        SELECT g.id, g.code, g.name, g.net, g.kind, g.level, g.geom,
               ST_Intersects(g.geom, place) AS covers,
               row_number() OVER (PARTITION BY g.net ORDER BY (g.kind = 'dedicated') DESC,
                                  g.level DESC, g.code COLLATE "C") AS preference
        FROM grids AS g
        WHERE g.district = in_district AND g.valid @> at AND ST_Intersects(g.geom, around)
    ), guess AS MATERIALIZED (
        -- Evenly likely positions: a sunflower with the radii of the Gaussian's quantiles.
        SELECT i, ST_SetSRID(ST_MakePoint(
                   ST_X(place) + r * cos(i * 2.399963229728653) / lon_m,
                   ST_Y(place) + r * sin(i * 2.399963229728653) / lat_m), 4326) AS geom
        FROM generate_series(1, samples) AS i,
             LATERAL (SELECT sigma_m * sqrt(-2 * ln(1 - (i - 0.5) / samples)) AS r) AS radius
    ), hit AS MATERIALIZED (
        SELECT n.id, n.net, n.preference, s.i
        FROM near AS n JOIN guess AS s ON ST_Intersects(n.geom, s.geom)
    ), won AS (
        SELECT DISTINCT ON (h.net, h.i) h.id, h.i FROM hit AS h ORDER BY h.net, h.i, h.preference
    ), share AS (
        SELECT h.id, count(*)::float8 / samples AS covered,
               count(w.id)::float8 / samples AS won
        FROM hit AS h LEFT JOIN won AS w ON w.id = h.id AND w.i = h.i GROUP BY h.id
    )
    SELECT n.id, n.code, n.name, n.net, n.kind, n.level, n.covers,
           n.covers AND n.preference = min(n.preference) FILTER (WHERE n.covers)
               OVER (PARTITION BY n.net),
           CASE WHEN EXISTS (SELECT FROM near AS b WHERE b.net = n.net AND b.level > n.level)
                     AND n.kind <> 'dedicated'
                THEN COALESCE(s.covered, 0) ELSE COALESCE(s.won, 0) END
    FROM near AS n LEFT JOIN share AS s ON s.id = n.id
    ORDER BY n.net, 8 DESC, 9 DESC, n.code COLLATE "C";
END
$$;
