-- What all purges share. A run is an entry that is `started` as long as it is under way; each of its turns is an entry
-- of its own, so that one whose reply was lost can be submitted again and is applied once.
CREATE OR REPLACE FUNCTION watchdeck.purge_begun(wd_id uuid, wd_most integer) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $begun$
DECLARE
    entry watchdeck.ledger;
BEGIN
    UPDATE watchdeck.ledger SET state = 'started', asked = (rows #>> '{manifest,rows}')::integer
     WHERE id = wd_id RETURNING * INTO entry;
    IF entry.asked IS NULL OR entry.asked NOT BETWEEN 1 AND wd_most THEN
        RAISE EXCEPTION '% rows were asked for; the cap is %', entry.asked, wd_most USING ERRCODE = 'WD003';
    END IF;
    RETURN watchdeck.receipt(entry, false);
END
$begun$;
ALTER FUNCTION watchdeck.purge_begun(uuid, integer) OWNER TO watchdeck_owner;

-- NULL: the turn is new and now taken; otherwise the receipt of its first submission.
CREATE OR REPLACE FUNCTION watchdeck.purge_turn(
    wd_action text, wd_id uuid, wd_seen jsonb, wd_args jsonb, wd_longest interval
) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $turn$
DECLARE
    asked integer := (SELECT count(*) FROM jsonb_object_keys(wd_seen));
    patience integer := (SELECT setting::integer FROM pg_settings WHERE name = 'statement_timeout');
    run watchdeck.ledger;
    entry watchdeck.ledger;
BEGIN
    IF patience NOT BETWEEN 1 AND 3000 THEN
        RAISE EXCEPTION 'statement_timeout is % ms; an action needs it between 1 ms and 3 s', patience
            USING ERRCODE = 'WD008', HINT = 'SET statement_timeout = ''3s''';
    END IF;
    SELECT * INTO run FROM watchdeck.ledger
     WHERE id = (wd_args ->> 'run')::uuid AND action = wd_action AND db_user = session_user FOR UPDATE;
    IF run.id IS NULL OR run.rows #>> '{manifest,sha256}' IS DISTINCT FROM wd_args ->> 'sha256' THEN
        RAISE EXCEPTION 'there is no run of this manifest' USING ERRCODE = 'WD010';
    END IF;
    SELECT * INTO entry FROM watchdeck.ledger WHERE id = wd_id;
    IF FOUND THEN
        RETURN watchdeck.receipt(entry, true);
    END IF;
    IF run.state <> 'started' OR clock_timestamp() - run.at > wd_longest THEN
        RAISE EXCEPTION 'the run is over' USING ERRCODE = 'WD010';
    END IF;
    IF asked NOT BETWEEN 1 AND 1000 OR run.applied + asked > run.asked THEN
        RAISE EXCEPTION '% rows more were asked for, and % of % are done', asked, run.applied, run.asked
            USING ERRCODE = 'WD003';
    END IF;
    INSERT INTO watchdeck.ledger (id, action, actor, environment, reason, asked, cap, state, rows)
    VALUES (wd_id, wd_action, run.actor, run.environment, run.reason, asked, 1000, 'done', wd_seen);
    RETURN NULL;
END
$turn$;
ALTER FUNCTION watchdeck.purge_turn(text, uuid, jsonb, jsonb, interval) OWNER TO watchdeck_owner;

CREATE OR REPLACE FUNCTION watchdeck.purge_turned(wd_id uuid, wd_run uuid, wd_applied integer, wd_outcome jsonb)
RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $turned$
BEGIN
    UPDATE watchdeck.ledger SET applied = applied + wd_applied WHERE id = wd_run;
    RETURN watchdeck.finish(wd_id, wd_applied, wd_outcome || jsonb_build_object('run', wd_run));
END
$turned$;
ALTER FUNCTION watchdeck.purge_turned(uuid, uuid, integer, jsonb) OWNER TO watchdeck_owner;

CREATE OR REPLACE FUNCTION watchdeck.purge_ended(wd_action text, wd_run uuid, wd_outcome jsonb) RETURNS watchdeck.ledger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $ended$
DECLARE
    entry watchdeck.ledger;
BEGIN
    UPDATE watchdeck.ledger SET state = 'done', outcome = wd_outcome || jsonb_build_object('ended_at', clock_timestamp())
     WHERE id = wd_run AND action = wd_action AND db_user = session_user AND state = 'started' RETURNING * INTO entry;
    RETURN entry;
END
$ended$;
ALTER FUNCTION watchdeck.purge_ended(text, uuid, jsonb) OWNER TO watchdeck_owner;
