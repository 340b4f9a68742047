-- Elevations: who asked to see what is restricted, why and for how long, who approved it, and what was read under it.
CREATE TABLE IF NOT EXISTS watchdeck.elevation (
    id            uuid        PRIMARY KEY,             -- of the action that asked for it
    who           text        NOT NULL,                -- who the console says it is
    db_user       text        NOT NULL DEFAULT session_user, -- who the database knows it is
    what          text        NOT NULL,                -- one of the profile's reads, or 'all'
    reason        text        NOT NULL CHECK (btrim(reason) <> ''),
    minutes       numeric     NOT NULL CHECK (minutes > 0 AND minutes <= 60),
    asked_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    approved_by   text,
    approved_user text,
    approved_at   timestamptz,
    until         timestamptz,
    ended_by      text,
    ended_at      timestamptz,
    -- whatever a function may be mistaken in
    CONSTRAINT two_people CHECK (approved_user <> db_user AND approved_by <> who),
    CONSTRAINT an_hour_at_most CHECK (until <= approved_at + interval '60 minutes')
);
CREATE INDEX IF NOT EXISTS elevation_asked_at ON watchdeck.elevation (asked_at);
ALTER TABLE watchdeck.elevation OWNER TO watchdeck_owner;

-- A read is noted, and the note committed, before anything restricted leaves the database: what is rolled back
-- afterwards is the answer, never the note.
CREATE TABLE IF NOT EXISTS watchdeck.restricted_read (
    id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    elevation uuid        NOT NULL REFERENCES watchdeck.elevation,
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    who       text        NOT NULL,
    db_user   text        NOT NULL DEFAULT session_user,
    read      text        NOT NULL,
    params    jsonb       NOT NULL,
    xid       xid8        NOT NULL DEFAULT pg_current_xact_id(),
    rows      integer                                  -- how many were answered; NULL: none was asked for, or undone
);
CREATE INDEX IF NOT EXISTS restricted_read_elevation ON watchdeck.restricted_read (elevation);
ALTER TABLE watchdeck.restricted_read OWNER TO watchdeck_owner;

-- By the database's clock alone, and by what it shows now: a transaction that began in time may last too long.
CREATE OR REPLACE FUNCTION watchdeck.elevation_state(e watchdeck.elevation) RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $state$
    SELECT CASE WHEN e.ended_at IS NOT NULL THEN 'ended'
                WHEN e.approved_at IS NOT NULL AND clock_timestamp() < e.until THEN 'in force'
                WHEN e.approved_at IS NOT NULL THEN 'expired'
                WHEN clock_timestamp() < e.asked_at + interval '1 hour' THEN 'waiting'
                ELSE 'lapsed' END
$state$;
ALTER FUNCTION watchdeck.elevation_state(watchdeck.elevation) OWNER TO watchdeck_owner;

-- An elevation as a preview sees it, and as its approval or its end insists on it.
CREATE OR REPLACE FUNCTION watchdeck.elevation_seen(e watchdeck.elevation) RETURNS jsonb
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $seen$
    SELECT jsonb_build_object('state', watchdeck.elevation_state(e), 'who', e.who, 'db_user', e.db_user,
                              'what', e.what, 'minutes', e.minutes::text, 'reason', e.reason)
$seen$;
ALTER FUNCTION watchdeck.elevation_seen(watchdeck.elevation) OWNER TO watchdeck_owner;

-- Takes the elevation that was seen, or refuses. What a read under way holds of it does not stand in the way.
CREATE OR REPLACE FUNCTION watchdeck.elevation_taken(wd_key text, wd_seen jsonb) RETURNS watchdeck.elevation
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $taken$
DECLARE
    e watchdeck.elevation;
BEGIN
    SELECT * INTO e FROM watchdeck.elevation WHERE id::text = wd_key FOR NO KEY UPDATE;
    IF e.id IS NULL OR wd_seen IS DISTINCT FROM watchdeck.elevation_seen(e) THEN
        RAISE EXCEPTION 'matched 0 of 1' USING ERRCODE = 'WD001', DETAIL = jsonb_build_array(wd_key);
    END IF;
    RETURN e;
END
$taken$;
ALTER FUNCTION watchdeck.elevation_taken(text, jsonb) OWNER TO watchdeck_owner;

-- The newest, for everybody: who sees what others do not is no secret. Whatever is in force, or was an hour ago, is
-- among them, however many were asked for since.
CREATE OR REPLACE FUNCTION watchdeck.elevations() RETURNS TABLE (
    id text, who text, db_user text, mine boolean, what text, reason text, minutes float8, state text, asked_at float8,
    approved_by text, until float8, left_s float8, ended_by text, reads bigint, seen jsonb
)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $elevations$
    SELECT e.id::text, e.who, e.db_user, e.db_user = session_user, e.what, e.reason, e.minutes::float8,
           watchdeck.elevation_state(e), extract(epoch FROM e.asked_at)::float8, coalesce(e.approved_by, ''),
           extract(epoch FROM e.until)::float8, extract(epoch FROM e.until - clock_timestamp())::float8,
           coalesce(e.ended_by, ''), (SELECT count(*) FROM watchdeck.restricted_read r WHERE r.elevation = e.id),
           watchdeck.elevation_seen(e)
      FROM watchdeck.elevation e
     WHERE e.asked_at >= (SELECT min(n.asked_at) FROM (SELECT asked_at FROM watchdeck.elevation
                                                       ORDER BY asked_at DESC LIMIT 100) AS n)
        OR e.until > clock_timestamp() - interval '1 hour'
     ORDER BY e.asked_at DESC
$elevations$;
ALTER FUNCTION watchdeck.elevations() OWNER TO watchdeck_owner;

CREATE OR REPLACE FUNCTION watchdeck.restricted_reads() RETURNS TABLE (
    id bigint, elevation text, at float8, who text, read text, params jsonb, rows integer
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $reads$
    SELECT r.id, r.elevation::text, extract(epoch FROM r.at)::float8, r.who, r.read, r.params, r.rows
      FROM watchdeck.restricted_read r ORDER BY r.id DESC LIMIT 200
$reads$;
ALTER FUNCTION watchdeck.restricted_reads() OWNER TO watchdeck_owner;

-- What a read begins with, and what it is asked again with.
CREATE OR REPLACE FUNCTION watchdeck.insist_elevated(wd_elevation uuid, wd_read text) RETURNS watchdeck.elevation
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $insist$
DECLARE
    e watchdeck.elevation;
BEGIN
    -- what is as of an earlier moment does not know that the elevation was ended since
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a read is not answered in a transaction that is %', current_setting('transaction_isolation')
            USING ERRCODE = 'WD011';
    END IF;
    SELECT * INTO e FROM watchdeck.elevation WHERE id = wd_elevation;
    IF e.id IS NULL OR e.db_user <> session_user THEN
        RAISE EXCEPTION '% has no such elevation', session_user USING ERRCODE = 'WD011';
    END IF;
    IF watchdeck.elevation_state(e) <> 'in force' THEN
        RAISE EXCEPTION 'the elevation is %, by the database''s clock', watchdeck.elevation_state(e) USING ERRCODE = 'WD011';
    END IF;
    IF e.what NOT IN ('all', wd_read) THEN
        RAISE EXCEPTION 'the elevation is for %, not for %', e.what, wd_read USING ERRCODE = 'WD011';
    END IF;
    RETURN e;
END
$insist$;
ALTER FUNCTION watchdeck.insist_elevated(uuid, text) OWNER TO watchdeck_owner;
