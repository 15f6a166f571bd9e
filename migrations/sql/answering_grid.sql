-- The grid of the general net that answers for a reported place, for the statement of the intake.
--
-- Mostly it is certain: no accuracy is given, or the first grid (see the order) that the position's
-- neighbourhood touches holds all of it. Then this is one look into the index, spelt in SQL, so
-- that it is planned once with the statement that asks. Otherwise grids_at tells the chances.

-- Where the place is not certain: the grid that answers, or the chosen one if it is likely, with
-- its chance and the likely others; JSON null if there is none.
CREATE FUNCTION likely_grid(in_district int, place geometry, sigma_m float8, at timestamptz,
                            chosen text)
RETURNS jsonb LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN COALESCE((
        WITH near AS MATERIALIZED (
            SELECT * FROM grids_at(in_district, place, sigma_m, at, 'general')
        )
        SELECT jsonb_build_object('id', a.id, 'code', a.code, 'chance', a.chance, 'others', (
            SELECT COALESCE(jsonb_agg(jsonb_build_object(
                       'grid_code', o.code, 'name', o.name, 'chance', round(o.chance::numeric, 3))
                       ORDER BY o.chance DESC, o.code), '[]')
            FROM near AS o WHERE o.id <> a.id AND o.chance > 0.1))
        FROM near AS a
        -- At a border the reporter may have chosen among the likely grids.
        WHERE CASE WHEN chosen IS NULL THEN a.answers
                   ELSE a.code = chosen AND (a.answers OR a.chance > 0.1) END
        LIMIT 1), 'null');
END
$$;

-- The grid that answers, the chance that it does, and the likely others (NULL when certain); no
-- row where no grid answers, or not the chosen one. sigma_m as in grids_at.
CREATE FUNCTION answering_grid(in_district int, place geometry, sigma_m float8, at timestamptz,
                               chosen text)
RETURNS TABLE (id bigint, code varchar, chance float8, others jsonb)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT COALESCE((found.told ->> 'id')::bigint, found.id),
           COALESCE(found.told ->> 'code', found.code),
           COALESCE((found.told ->> 'chance')::float8, 1), found.told -> 'others'
    FROM (
        SELECT g.id, g.code, CASE WHEN sigma_m > 0 AND NOT ST_Contains(g.geom, g.around)
            THEN likely_grid(in_district, place, sigma_m, at, chosen) END AS told
        FROM (
            SELECT g.id, g.code, g.geom, a.around
            FROM (
                SELECT CASE WHEN sigma_m > 0 THEN ST_Expand(
                                place, 3.5 * sigma_m / (111320 * cos(radians(ST_Y(place)))),
                                3.5 * sigma_m / 110574)
                            ELSE place END AS around
                OFFSET 0
            ) AS a, grids AS g
            -- IS TRUE keeps the planner from the index of editions, which finds nearly all.
            WHERE g.district = in_district AND g.net = 'general' AND (g.valid @> at) IS TRUE
              AND g.geom && a.around
            ORDER BY (g.kind = 'dedicated') DESC, g.level DESC, g.code COLLATE "C"
            OFFSET 0  -- shapes are compared in this order, and only up to the first that fits
        ) AS g
        WHERE ST_Intersects(g.geom, g.around)
        LIMIT 1
    ) AS found
    WHERE CASE WHEN found.told IS NULL THEN chosen IS NULL OR chosen = found.code
               ELSE found.told <> 'null' END
$$;
