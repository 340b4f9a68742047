-- {title}
CREATE OR REPLACE FUNCTION watchdeck.{name}(
    wd_id uuid, wd_actor text, wd_reason text, wd_environment text, wd_taken_at timestamptz,
    wd_cap integer, wd_seen jsonb, wd_args jsonb, wd_anchor text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s'
AS $action$
DECLARE
    wd_receipt jsonb;
    wd_key     text := (SELECT k FROM jsonb_object_keys(wd_seen) AS k LIMIT 1);
    wd_one     jsonb := wd_seen -> wd_key;
    wd_now     timestamptz := clock_timestamp();
    wd_e       watchdeck.elevation;
BEGIN
    wd_receipt := watchdeck.enter({literal}, wd_id, wd_actor, wd_reason, wd_environment, wd_taken_at,
                                  least(wd_cap, 1), wd_seen, wd_args, wd_anchor);
    IF wd_receipt IS NOT NULL THEN
        RETURN wd_receipt;
    END IF;
{effect}
    RETURN watchdeck.finish(wd_id, 1, jsonb_build_object('elevation', wd_e.id));
END
$action$;
