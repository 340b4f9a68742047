-- How something ended that could not run inside a function: only what has been started and has no end yet.
CREATE OR REPLACE FUNCTION watchdeck.ended(wd_id uuid, wd_applied integer, wd_outcome jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s'
AS $ended$
DECLARE
    entry watchdeck.ledger;
BEGIN
    UPDATE watchdeck.ledger
       SET state = CASE WHEN wd_applied > 0 THEN 'done' ELSE 'void' END,
           applied = greatest(0, least(asked, wd_applied)),
           outcome = wd_outcome || jsonb_build_object('ended_by', session_user, 'ended_at', clock_timestamp())
     WHERE id = wd_id AND state = 'started';
    SELECT * INTO entry FROM watchdeck.ledger WHERE id = wd_id;
    RETURN watchdeck.receipt(entry, false);
END
$ended$;
ALTER FUNCTION watchdeck.ended(uuid, integer, jsonb) OWNER TO watchdeck_owner;
REVOKE ALL ON FUNCTION watchdeck.ended(uuid, integer, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION watchdeck.ended(uuid, integer, jsonb) TO watchdeck_operator;
