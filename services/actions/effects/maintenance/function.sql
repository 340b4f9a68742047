-- {title}: records that {what} begins; the statement itself cannot run in a function, nor with rights that are not the caller's
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
    entry      watchdeck.ledger;
BEGIN
{reason}    wd_receipt := watchdeck.enter({literal}, wd_id, wd_actor, wd_reason, wd_environment, wd_taken_at,
                                  least(wd_cap, {cap}), wd_seen, wd_args, wd_anchor);
    IF wd_receipt IS NOT NULL THEN
        RETURN wd_receipt;
    END IF;
    wd_found := ARRAY(SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                       WHERE n.nspname || '.' || c.relname = ANY (wd_asked) AND c.relkind = ANY (ARRAY{kinds})
                         AND n.nspname || '.' || c.relname ~ ANY ({allowed})
                         AND wd_seen -> (n.nspname || '.' || c.relname) = jsonb_build_object('oid', c.oid::text));
    IF cardinality(wd_found) <> cardinality(wd_asked) THEN
        RAISE EXCEPTION 'matched % of %', cardinality(wd_found), cardinality(wd_asked)
            USING ERRCODE = 'WD001', DETAIL = (
                SELECT jsonb_agg(k) FROM unnest(wd_asked) AS k WHERE k <> ALL (wd_found));
    END IF;
    UPDATE watchdeck.ledger SET state = 'started' WHERE id = wd_id RETURNING * INTO entry;
    RETURN watchdeck.receipt(entry, false);
END
$action$;
