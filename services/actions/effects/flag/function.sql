-- {title}: writes the flag {what}
CREATE OR REPLACE FUNCTION watchdeck.{name}(
    wd_id uuid, wd_actor text, wd_reason text, wd_environment text, wd_taken_at timestamptz,
    wd_cap integer, wd_seen jsonb, wd_args jsonb, wd_anchor text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s'
AS $action$
DECLARE
    wd_receipt jsonb;
    wd_name    text := (SELECT k FROM jsonb_object_keys(wd_seen) AS k LIMIT 1);
    wd_enabled boolean := {enabled};
    wd_expires timestamptz := to_timestamp((wd_args ->> 'expires_at')::float8);
    wd_now     jsonb;
    wd_new     record;
BEGIN
{reason}    wd_receipt := watchdeck.enter({literal}, wd_id, wd_actor, wd_reason, wd_environment, wd_taken_at,
                                  least(wd_cap, 1), wd_seen, wd_args, wd_anchor);
    IF wd_receipt IS NOT NULL THEN
        RETURN wd_receipt;
    END IF;
    IF wd_name !~ {pattern} OR wd_enabled IS NULL THEN
        RAISE EXCEPTION '% is not a flag of this action', wd_name USING ERRCODE = 'WD006';
    END IF;
    -- The whole table, for a moment: a row that is not there yet cannot be locked, and two may be about to write it.
    LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE;
    SELECT {snapshot} INTO wd_now FROM {table} WHERE {flag_name} = wd_name;
    IF coalesce(wd_now, 'null') <> wd_seen -> wd_name THEN
        RAISE EXCEPTION 'matched 0 of 1' USING ERRCODE = 'WD001', DETAIL = jsonb_build_array(wd_name);
    END IF;
    SELECT {value} AS value INTO wd_new;
    {write};
    RETURN watchdeck.finish(wd_id, 1, jsonb_build_object('was', wd_now));
END
$action$;
