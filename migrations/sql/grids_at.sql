-- The grids at a place, and the chance that the true position lies in each.
--
-- answers: the grid that answers for the place itself (a dedicated one, else the deepest, else
--          the lowest code; so the tie on a shared edge is settled).
-- covers:  whether the grid covers the reported place.
-- chance:  share of the position's Gaussian (standard deviation sigma_m on each axis) for which
--          the grid would answer; so the chances of one net sum to what the net covers. With a
--          NULL net, for a grid that stands above others and does not answer: the share it covers.
--
-- With a net only the grids of that net that may answer are told; with NULL those of all nets
-- and levels.

-- 200 equally likely positions of a round Gaussian of deviation 1: a sunflower whose radii are
-- the distribution's quantiles. Made once for each plan, since it is immutable.
CREATE FUNCTION gaussian_cloud() RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ST_SetSRID(ST_Collect(ST_MakePoint(r * cos(i * 2.399963229728653),
                                              r * sin(i * 2.399963229728653))), 4326)
    FROM generate_series(1, 200) AS i,
         LATERAL (SELECT sqrt(-2 * ln(1 - (i - 0.5) / 200)) AS r) AS radius
$$;

CREATE FUNCTION grids_at(in_district int, place geometry, sigma_m float8, at timestamptz,
                         in_net text)
RETURNS TABLE (id bigint, code varchar, name varchar, net varchar, kind varchar, level smallint,
               covers boolean, answers boolean, chance float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 4 AS $$
DECLARE
    lon_m CONSTANT float8 := 111320 * cos(radians(ST_Y(place)));
    lat_m CONSTANT float8 := 110574;
    around geometry;
    cloud geometry;
    rest geometry;
    in_cloud float8;
    left_over geometry;
    near record;
    last_net text := '';
    parents text[];
    answered boolean;
BEGIN
    IF sigma_m > 0 THEN
        around := ST_Expand(place, 3.5 * sigma_m / lon_m, 3.5 * sigma_m / lat_m);
    END IF;
    -- Certain: no accuracy given, or the whole neighbourhood lies in the one that answers.
    IF around IS NULL OR (in_net IS NOT NULL AND EXISTS (
        SELECT FROM grids AS g
        WHERE g.district = in_district AND g.net = in_net AND g.valid @> at
          AND ST_Contains(g.geom, around)
          AND NOT EXISTS (
              SELECT FROM grids AS d
              WHERE d.district = in_district AND d.net = in_net AND d.valid @> at
                AND (d.level > g.level OR d.kind = 'dedicated'
                     OR (d.level = g.level AND d.code COLLATE "C" < g.code)) AND d.id <> g.id
                AND ST_Intersects(d.geom, around))
    )) THEN
        RETURN QUERY
        SELECT g.id, g.code, g.name, g.net, g.kind, g.level, true,
               row_number() OVER answering = 1, 1.0::float8
        FROM grids AS g
        WHERE g.district = in_district AND g.valid @> at AND ST_Intersects(g.geom, place)
          AND (in_net IS NULL OR g.net = in_net)
        WINDOW answering AS (PARTITION BY g.net ORDER BY (g.kind = 'dedicated') DESC,
                             g.level DESC, g.code COLLATE "C")
        ORDER BY 4, 8 DESC, g.level DESC, g.code COLLATE "C"
        LIMIT CASE WHEN in_net IS NOT NULL THEN 1 END;
        RETURN;
    END IF;
    cloud := ST_Affine(gaussian_cloud(), sigma_m / lon_m, 0, 0, sigma_m / lat_m,
                       ST_X(place), ST_Y(place));
    in_cloud := ST_NumGeometries(cloud);
    FOR near IN
        SELECT g.*, ST_Intersects(g.geom, place) AS here
        FROM grids AS g
        WHERE g.district = in_district AND g.valid @> at AND ST_Intersects(g.geom, around)
          AND (in_net IS NULL OR g.net = in_net)
        ORDER BY g.net, (g.kind = 'dedicated') DESC, g.level DESC, g.code COLLATE "C"
    LOOP
        IF near.net <> last_net THEN
            last_net := near.net;
            rest := cloud;
            answered := false;
            parents := '{}';
        END IF;
        id := near.id; code := near.code; name := near.name; net := near.net;
        kind := near.kind; level := near.level; covers := near.here;
        answers := near.here AND NOT answered;
        answered := answered OR near.here;
        left_over := ST_Difference(rest, near.geom);
        chance := (ST_NumGeometries(rest) - ST_NumGeometries(left_over)) / in_cloud;
        rest := left_over;
        IF in_net IS NULL AND near.code = ANY(parents) AND NOT answers THEN
            chance := ST_NumGeometries(ST_Intersection(cloud, near.geom)) / in_cloud;
        END IF;
        IF near.kind <> 'dedicated' THEN
            parents := parents || near.parent_code::text;
        END IF;
        IF in_net IS NULL OR chance > 0 OR answers THEN
            RETURN NEXT;
        END IF;
        EXIT WHEN in_net IS NOT NULL AND answered AND ST_IsEmpty(rest);
    END LOOP;
END
$$;
