-- {title}: a run begins, removes rows turn by turn whose objects are gone by then, and ends
CREATE OR REPLACE FUNCTION watchdeck.{name}(
    wd_id uuid, wd_actor text, wd_reason text, wd_environment text, wd_taken_at timestamptz,
    wd_cap integer, wd_seen jsonb, wd_args jsonb, wd_anchor text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s'
AS $action$
DECLARE
    wd_receipt jsonb;
    wd_asked   text[] := ARRAY(SELECT k FROM jsonb_object_keys(wd_seen) AS k);
    wd_run     uuid := (wd_args ->> 'run')::uuid;
    wd_batch   integer := (wd_args ->> 'turn')::integer;
    wd_entry   watchdeck.ledger;
    wd_word    text := wd_args ->> 'word';
    wd_objects integer := (wd_args ->> 'objects')::integer;
    wd_rows    integer;
    wd_given   record;
    wd_locked  record;
    wd_changed record;
    wd_there   integer := 0;
    wd_applied integer := 0;
BEGIN
{reason}    IF wd_args ->> 'part' = 'begin' THEN
        wd_receipt := watchdeck.enter({literal}, wd_id, wd_actor, wd_reason, wd_environment, wd_taken_at,
                                      1, wd_seen, wd_args, wd_anchor);
        RETURN coalesce(wd_receipt, watchdeck.purge_begun(wd_id, least(wd_cap, {most})));
    END IF;
    IF wd_args ->> 'part' = 'end' THEN
        wd_entry := watchdeck.purge_ended({literal}, wd_run, wd_args -> 'outcome');
        wd_rows := wd_entry.applied;
        IF wd_entry.id IS NULL THEN
            RAISE EXCEPTION 'there is no such run under way' USING ERRCODE = 'WD010';
        END IF;
{ended}        RETURN watchdeck.receipt(wd_entry, false);
    END IF;
    wd_receipt := watchdeck.purge_turn({literal}, wd_id, wd_seen, wd_args, interval '{longest} seconds');
    IF wd_receipt IS NOT NULL THEN
        RETURN wd_receipt;
    END IF;
{kinds}
    ELSE
        RAISE EXCEPTION 'there is no kind %', wd_args ->> 'kind' USING ERRCODE = 'WD004';
    END IF;
    IF wd_applied <> wd_locked.count THEN
        RAISE EXCEPTION 'the effect changed % rows of %', wd_applied, wd_locked.count USING ERRCODE = 'WD004';
    END IF;
    RETURN watchdeck.purge_turned(wd_id, wd_run, wd_applied, jsonb_build_object(
        'kind', wd_args ->> 'kind', 'kept', wd_there - wd_applied, 'gone', cardinality(wd_asked) - wd_there));
END
$action$;
