-- When a limit runs out, and how much was worked between two times, over the table work_spans.
--
-- The spans of a district lie in order of time: starts_at and ends_at, the midnight day_at that
-- the span's day began with in the town's zone, the day's number among the working days, and
-- worked_us, the microseconds worked before the span. Where no span is stored, and outside the
-- stored ones, the clock never stops.
--
-- In plpgsql, because that keeps its plans from call to call: an intake asks once a statement.

-- unit: 'hours' (the clock never stops), 'working_hours', or 'working_days': the end of work on
-- the n-th working day after the day of the start.
CREATE FUNCTION due_after(in_district int, start_at timestamptz, amount float8, unit text)
RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    us CONSTANT interval := interval '1 microsecond';
    wanted bigint;
    due timestamptz;
    span_end timestamptz;
BEGIN
    IF unit = 'working_hours' AND amount * 3600000000 > 0.5 THEN
        SELECT s.worked_us + (extract(epoch FROM least(start_at, s.ends_at) - s.starts_at)
                              * 1000000)::bigint + round(amount * 3600000000)::bigint
        INTO wanted
        FROM work_spans AS s
        WHERE s.district = in_district AND s.starts_at <= start_at
        ORDER BY s.starts_at DESC LIMIT 1;
        SELECT s.starts_at + us * (wanted - s.worked_us), s.ends_at INTO due, span_end
        FROM work_spans AS s
        WHERE s.district = in_district AND s.worked_us < wanted
        ORDER BY s.worked_us DESC LIMIT 1;
        IF due <= span_end THEN
            RETURN due;
        END IF;
    ELSIF unit = 'working_days' AND amount * 3600000000 > 0.5 THEN
        SELECT s.day_number + ceil(amount)::int INTO wanted
        FROM work_spans AS s
        WHERE s.district = in_district AND s.day_at <= start_at
        ORDER BY s.day_at DESC LIMIT 1;
        SELECT s.ends_at INTO due
        FROM work_spans AS s
        WHERE s.district = in_district AND s.day_number = wanted
        ORDER BY s.starts_at DESC LIMIT 1;
        IF due IS NOT NULL THEN
            RETURN due;
        END IF;
    END IF;
    RETURN start_at + us * round(
        CASE WHEN unit = 'working_days' THEN amount * 24 ELSE amount END * 3600000000);
END
$$;

-- Working hours between two times; below 0 when they are turned round.
CREATE FUNCTION worked_between(in_district int, from_at timestamptz, to_at timestamptz)
RETURNS float8 LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    worked bigint[] := '{}';
    at timestamptz;
    found_us bigint;
BEGIN
    FOREACH at IN ARRAY ARRAY[from_at, to_at] LOOP
        found_us := NULL;
        SELECT s.worked_us
               + (extract(epoch FROM least(at, s.ends_at) - s.starts_at) * 1000000)::bigint
        INTO found_us
        FROM work_spans AS s
        WHERE s.district = in_district AND s.starts_at <= at
        ORDER BY s.starts_at DESC LIMIT 1;
        worked := worked || found_us;
    END LOOP;
    IF worked[1] IS NULL AND worked[2] IS NULL
       AND NOT EXISTS (SELECT FROM work_spans AS s WHERE s.district = in_district) THEN
        RETURN extract(epoch FROM to_at - from_at) / 3600;
    END IF;
    RETURN (COALESCE(worked[2], 0) - COALESCE(worked[1], 0)) / 3600000000.0::float8;
END
$$;
