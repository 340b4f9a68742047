-- {title}: {what}
CREATE OR REPLACE FUNCTION watchdeck.{name}(
    wd_id uuid, wd_actor text, wd_reason text, wd_environment text, wd_taken_at timestamptz,
    wd_cap integer, wd_seen jsonb, wd_args jsonb, wd_anchor text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s'
AS $action$
DECLARE
    wd_receipt jsonb;
    wd_asked   text[] := ARRAY(SELECT k FROM jsonb_object_keys(wd_seen) AS k);
    wd_found   text[];
    wd_one     text;
    wd_applied integer := 0;
BEGIN
{reason}    wd_receipt := watchdeck.enter({literal}, wd_id, wd_actor, wd_reason, wd_environment, wd_taken_at,
                                  least(wd_cap, {cap}), wd_seen, wd_args, wd_anchor);
    IF wd_receipt IS NOT NULL THEN
        RETURN wd_receipt;
    END IF;
    wd_found := ARRAY(SELECT s.id FROM watchdeck.sessions({query}) AS s
                       WHERE s.id = ANY (wd_asked) AND s.seen = wd_seen -> s.id AND {allowed});
    IF cardinality(wd_found) <> cardinality(wd_asked) THEN
        RAISE EXCEPTION 'matched % of %', cardinality(wd_found), cardinality(wd_asked)
            USING ERRCODE = 'WD001', DETAIL = (
                SELECT jsonb_agg(wd_d.id) FROM (
                    SELECT wd_a.id FROM unnest(wd_asked) AS wd_a(id)
                     WHERE wd_a.id <> ALL (wd_found) ORDER BY wd_a.id LIMIT 20) AS wd_d);
    END IF;
    -- A signal cannot be taken back: from here on nothing may raise, or the ledger would not know what was done.
    FOREACH wd_one IN ARRAY wd_found LOOP
        BEGIN
            IF {signal}(split_part(wd_one, ':', 1)::integer) THEN
                wd_applied := wd_applied + 1;
            END IF;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING '%: %', wd_one, SQLERRM;
        END;
    END LOOP;
    RETURN watchdeck.finish(wd_id, wd_applied, '{{}}');
END
$action$;
