 wd_args ->> 'kind' = {literal} THEN
        SELECT watchdeck.typed((SELECT {id} FROM {source} LIMIT 0), wd_asked) AS ids INTO wd_given;
        SELECT count(*)::integer INTO wd_there FROM {source} WHERE {id} = ANY (wd_given.ids);
        -- Once more, and with a lock: due, nothing left that hangs on it, and as the preview saw it.
        SELECT array_agg(wd_l.id) AS ids, count(*)::integer AS count INTO wd_locked FROM (
            SELECT {id} AS id FROM {source}
             WHERE {id} = ANY (wd_given.ids) AND ({due}) AND ({ready})
               AND {as_seen}
             ORDER BY {id} FOR UPDATE OF {alias} SKIP LOCKED
        ) AS wd_l;
        IF wd_locked.count > 0 THEN
            FOR wd_changed IN
{effect}
            LOOP
                wd_applied := wd_applied + 1;
            END LOOP;
        END IF;
