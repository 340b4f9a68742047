-- The first half of a read: it is noted, by whom, of what and under which elevation.
CREATE OR REPLACE FUNCTION watchdeck.note_read(wd_elevation uuid, wd_actor text, wd_read text, wd_params jsonb)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s'
AS $action$
DECLARE
    wd_e     watchdeck.elevation := watchdeck.insist_elevated(wd_elevation, wd_read);
    wd_noted bigint;
BEGIN
    -- where two people share a login, which they should not
    IF split_part(wd_e.who, ' (as ', 1) <> split_part(wd_actor, ' (as ', 1) THEN
        RAISE EXCEPTION 'the elevation is of %', wd_e.who USING ERRCODE = 'WD011';
    END IF;
    IF coalesce(CASE
{patterns}
                ELSE false END, false) IS NOT TRUE THEN
        RAISE EXCEPTION 'there is no read % with these parameters', wd_read USING ERRCODE = 'WD010';
    END IF;
    INSERT INTO watchdeck.restricted_read (elevation, who, read, params)
    VALUES (wd_elevation, wd_actor, wd_read, wd_params) RETURNING id INTO wd_noted;
{audit}    RETURN wd_noted;
END
$action$;
ALTER FUNCTION watchdeck.note_read(uuid, text, text, jsonb) OWNER TO watchdeck_owner;

-- The second half: the answer, to a note of an earlier transaction. That one can no longer be undone.
CREATE OR REPLACE FUNCTION watchdeck.read_restricted(wd_noted bigint) RETURNS SETOF jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s'
AS $action$
DECLARE
    wd_note  watchdeck.restricted_read;
    wd_given integer := 0;
BEGIN
    SELECT * INTO wd_note FROM watchdeck.restricted_read WHERE id = wd_noted FOR UPDATE;
    IF wd_note.id IS NULL OR wd_note.db_user <> session_user OR wd_note.rows IS NOT NULL THEN
        RAISE EXCEPTION 'no read is noted here that waits for its answer' USING ERRCODE = 'WD011';
    END IF;
    IF wd_note.xid = pg_current_xact_id() OR clock_timestamp() > wd_note.at + interval '10 seconds' THEN
        RAISE EXCEPTION 'a read is answered within 10 s of its note, and not in the note''s own transaction'
            USING ERRCODE = 'WD011';
    END IF;
    PERFORM watchdeck.insist_elevated(wd_note.elevation, wd_note.read);
{answers}    UPDATE watchdeck.restricted_read SET rows = wd_given WHERE id = wd_noted;
END
$action$;
ALTER FUNCTION watchdeck.read_restricted(bigint) OWNER TO watchdeck_owner;
