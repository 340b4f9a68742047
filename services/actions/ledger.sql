-- The ledger: who changed what, when and why, in the database that was changed. Idempotent.
CREATE SCHEMA IF NOT EXISTS watchdeck;
ALTER SCHEMA watchdeck OWNER TO watchdeck_owner; -- also where somebody else made it first

CREATE TABLE IF NOT EXISTS watchdeck.ledger (
    id          uuid        PRIMARY KEY,               -- chosen by the console before anything happens
    action      text        NOT NULL,
    actor       text        NOT NULL,                  -- who the console says it is
    db_user     text        NOT NULL DEFAULT session_user, -- who the database knows it is
    client      text        NOT NULL DEFAULT '',       -- the machine, and the local audit that has the same entry
    environment text        NOT NULL DEFAULT '',
    reason      text        NOT NULL DEFAULT '',
    asked       integer     NOT NULL DEFAULT 0,
    cap         integer,
    applied     integer     NOT NULL DEFAULT 0,
    state       text        NOT NULL CHECK (state IN ('done', 'void', 'started')),
    at          timestamptz NOT NULL DEFAULT now(),    -- the transaction's clock: what the effect wrote as now()
    rows        jsonb       NOT NULL DEFAULT '{}',     -- id -> what the preview saw of it
    outcome     jsonb       NOT NULL DEFAULT '{}',
    anchor      text        NOT NULL DEFAULT ''        -- hash of the local record of the intent
);
ALTER TABLE watchdeck.ledger DROP CONSTRAINT IF EXISTS ledger_state_check,
    ADD CONSTRAINT ledger_state_check CHECK (state IN ('done', 'void', 'started')); -- of an older version too
CREATE INDEX IF NOT EXISTS ledger_at ON watchdeck.ledger (at);
ALTER TABLE watchdeck.ledger OWNER TO watchdeck_owner;

-- What a value looks like in a preview: the same text whatever the session's time zone and date style.
CREATE OR REPLACE FUNCTION watchdeck.as_seen(value anyelement) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, MDY'
AS 'SELECT value::text';
ALTER FUNCTION watchdeck.as_seen(anyelement) OWNER TO watchdeck_owner;

-- Texts as an array of the type of `sample`, so that an index on the column serves.
CREATE OR REPLACE FUNCTION watchdeck.typed(sample anyelement, texts text[]) RETURNS anyarray
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $typed$
DECLARE
    result ALIAS FOR $0;
BEGIN
    result := texts;
    RETURN result;
END
$typed$;
ALTER FUNCTION watchdeck.typed(anyelement, text[]) OWNER TO watchdeck_owner;

-- The part of an entry that goes back to the console. Small on purpose: an answer that does not fit into the socket's
-- buffer would be waited for inside the transaction, with its locks held.
CREATE OR REPLACE FUNCTION watchdeck.receipt(entry watchdeck.ledger, repeated boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $receipt$
    SELECT jsonb_build_object('id', entry.id, 'action', entry.action, 'actor', entry.actor, 'state', entry.state,
                              'asked', entry.asked, 'applied', entry.applied, 'repeated', repeated,
                              'at', extract(epoch FROM entry.at), 'outcome', entry.outcome)
$receipt$;
ALTER FUNCTION watchdeck.receipt(watchdeck.ledger, boolean) OWNER TO watchdeck_owner;

-- What every action begins with. NULL: the id is new and now taken; otherwise the receipt of its first submission.
-- Not called "begin": psql takes the bare word in CREATE FUNCTION for BEGIN ATOMIC, and a plain dump of a database that
-- has such a function cannot be restored.
DROP FUNCTION IF EXISTS watchdeck.begin(text, uuid, text, text, text, timestamptz, integer, jsonb, jsonb, text);
CREATE OR REPLACE FUNCTION watchdeck.enter(
    wd_action text, wd_id uuid, wd_actor text, wd_reason text, wd_environment text,
    wd_taken_at timestamptz, wd_cap integer, wd_seen jsonb, wd_args jsonb, wd_anchor text
) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $enter$
DECLARE
    asked integer := (SELECT count(*) FROM jsonb_object_keys(wd_seen));
    patience integer := (SELECT setting::integer FROM pg_settings WHERE name = 'statement_timeout');
    entry watchdeck.ledger;
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'this server is a standby' USING ERRCODE = 'WD005';
    END IF;
    IF patience NOT BETWEEN 1 AND 3000 THEN
        RAISE EXCEPTION 'statement_timeout is % ms; an action needs it between 1 ms and 3 s', patience
            USING ERRCODE = 'WD008', HINT = 'SET statement_timeout = ''3s''';
    END IF;
    IF wd_args ->> 'system_identifier' IS DISTINCT FROM (SELECT system_identifier::text FROM pg_control_system()) THEN
        RAISE EXCEPTION 'this is not the database of the preview' USING ERRCODE = 'WD007';
    END IF;
    INSERT INTO watchdeck.ledger (id, action, actor, client, environment, reason, asked, cap, state, rows, anchor)
    VALUES (wd_id, wd_action, wd_actor, coalesce(wd_args ->> 'client', ''), wd_environment, wd_reason,
            asked, wd_cap, 'done', wd_seen, wd_anchor)
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        SELECT * INTO entry FROM watchdeck.ledger WHERE id = wd_id;
        RETURN watchdeck.receipt(entry, true);
    END IF;
    IF wd_taken_at IS NULL OR clock_timestamp() - wd_taken_at > interval '60 seconds'
       OR wd_taken_at - clock_timestamp() > interval '5 seconds' THEN
        RAISE EXCEPTION 'the preview is % s old; it lives for 60 s',
            round(extract(epoch FROM clock_timestamp() - wd_taken_at)) USING ERRCODE = 'WD002';
    END IF;
    IF asked < 1 OR wd_cap IS NULL OR asked > least(wd_cap, 1000) THEN
        RAISE EXCEPTION '% rows were asked for; the cap is %', asked, least(wd_cap, 1000) USING ERRCODE = 'WD003';
    END IF;
    RETURN NULL;
END
$enter$;
ALTER FUNCTION watchdeck.enter(text, uuid, text, text, text, timestamptz, integer, jsonb, jsonb, text)
    OWNER TO watchdeck_owner;

-- What every action ends with, in the transaction of its effect.
CREATE OR REPLACE FUNCTION watchdeck.finish(wd_id uuid, wd_applied integer, wd_outcome jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $finish$
DECLARE
    entry watchdeck.ledger;
BEGIN
    UPDATE watchdeck.ledger
       SET applied = wd_applied,
           outcome = wd_outcome || jsonb_build_object('xid', pg_current_xact_id()::text)
     WHERE id = wd_id RETURNING * INTO entry;
    RETURN watchdeck.receipt(entry, false);
END
$finish$;
ALTER FUNCTION watchdeck.finish(uuid, integer, jsonb) OWNER TO watchdeck_owner;

-- Settlement: takes the id of an action whose reply was lost. It waits for one that is in flight (at most 2 s).
-- A receipt in state void proves that the action was not applied and never will be; done, that it was.
CREATE OR REPLACE FUNCTION watchdeck.void(wd_id uuid, wd_actor text, wd_action text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s'
AS $void$
DECLARE
    entry watchdeck.ledger;
BEGIN
    INSERT INTO watchdeck.ledger (id, action, actor, state) VALUES (wd_id, wd_action, wd_actor, 'void')
    ON CONFLICT (id) DO NOTHING;
    SELECT * INTO entry FROM watchdeck.ledger WHERE id = wd_id;
    RETURN watchdeck.receipt(entry, true);
END
$void$;
ALTER FUNCTION watchdeck.void(uuid, text, text) OWNER TO watchdeck_owner;

-- Which of these actions touched these rows last: what the loser of two operators is told.
CREATE OR REPLACE FUNCTION watchdeck.last_touch(actions text[], ids text[], since timestamptz) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $last_touch$
    SELECT jsonb_build_object('id', l.id, 'actor', l.actor, 'action', l.action, 'reason', l.reason,
                              'age_s', extract(epoch FROM clock_timestamp() - l.at))
      FROM watchdeck.ledger l
     WHERE l.at > since - interval '10 minutes' AND l.state = 'done' AND l.action = ANY (actions) AND l.rows ?| ids
     ORDER BY l.at DESC LIMIT 1
$last_touch$;
ALTER FUNCTION watchdeck.last_touch(text[], text[], timestamptz) OWNER TO watchdeck_owner;
