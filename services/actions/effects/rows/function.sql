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
    wd_given   record;
    wd_locked  record;
    wd_other   record;
    wd_changed record;
    wd_applied integer := 0;
BEGIN
{reason}    wd_receipt := watchdeck.enter({literal}, wd_id, wd_actor, wd_reason, wd_environment, wd_taken_at,
                                  least(wd_cap, {cap}), wd_seen, wd_args, wd_anchor);
    IF wd_receipt IS NOT NULL THEN
        RETURN wd_receipt;
    END IF;
    SELECT watchdeck.typed((SELECT {id} FROM {source} LIMIT 0), wd_asked) AS ids INTO wd_given;

    SELECT array_agg(wd_l.id) AS ids, count(*) AS count INTO wd_locked FROM (
        SELECT {id} AS id FROM {source}
         WHERE {id} = ANY (wd_given.ids)
           AND {allowed}
           AND {as_seen}
         ORDER BY {id} FOR UPDATE OF {alias} SKIP LOCKED
    ) AS wd_l;
    -- An effect may leave its row as it was: what another action did that the preview could not see, because it was
    -- not committed then, shows only in the ledger. By transaction and not by the clock, which a commit outlasts.
    SELECT l.actor INTO wd_other FROM watchdeck.ledger AS l
     WHERE l.at > wd_taken_at - interval '10 minutes' AND l.id <> wd_id AND l.state = 'done'
       AND l.action = ANY (ARRAY[{siblings}]) AND l.rows ?| wd_asked
       AND NOT coalesce(pg_visible_in_snapshot((l.outcome ->> 'xid')::xid8, (wd_args ->> 'snapshot')::pg_snapshot),
                        false)
     LIMIT 1;
    IF FOUND OR wd_locked.count <> cardinality(wd_asked) THEN
        RAISE EXCEPTION 'matched % of %', CASE WHEN wd_other IS NULL THEN wd_locked.count ELSE 0 END, cardinality(wd_asked)
            USING ERRCODE = 'WD001', DETAIL = (
                -- twenty at most: the answer to a stalled console must not be waited for with the locks held
                SELECT coalesce(jsonb_agg(wd_d.id), '[]') FROM (
                    SELECT wd_a.id FROM unnest(wd_asked) AS wd_a(id)
                     WHERE wd_other IS NOT NULL OR wd_locked.ids IS NULL OR wd_a.id <> ALL (wd_locked.ids::text[])
                     ORDER BY wd_a.id LIMIT 20) AS wd_d);
    END IF;

    FOR wd_changed IN
{effect}
    LOOP
        wd_applied := wd_applied + 1;
    END LOOP;
    IF wd_applied <> cardinality(wd_asked) THEN
        RAISE EXCEPTION 'the effect changed % rows of %', wd_applied, cardinality(wd_asked) USING ERRCODE = 'WD004';
    END IF;
    RETURN watchdeck.finish(wd_id, wd_applied, '{{}}');
END
$action$;
