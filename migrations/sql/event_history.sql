-- Names the history that the outbox's snapshots belong to. Another cluster, a database restored to
-- an earlier time, and an outbox filled from a copy each have another name, for in them a snapshot
-- of before means nothing.
CREATE FUNCTION event_history() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT left(md5(concat_ws(' ',
        (SELECT system_identifier FROM pg_control_system()),
        (SELECT timeline_id FROM pg_control_checkpoint()),
        (SELECT oid FROM pg_database WHERE datname = current_database()),
        pg_relation_filenode('outbox'))), 12)
$$
