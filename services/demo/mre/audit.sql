-- What the audit has from before: a retention run each night, and what support was given and gave back in office hours.
INSERT INTO audit_events (at, actor, kind, detail)
SELECT now() - d * interval '1 day', 'scheduler', 'retention.completed',
       jsonb_build_object('deleted', 40 + d % 7, 'error', '')
  FROM generate_series(30, 1, -1) d;
WITH given AS (
    INSERT INTO audit_events (at, actor, kind, detail)
    SELECT monday + interval '10 hours', 'support-' || weeks % 3, 'support.elevated',
           jsonb_build_object('role', 'restricted', 'session', 4000 + weeks, 'approved_by', 'admin-1',
                              'until', monday + interval '11 hours')
      FROM generate_series(4, 1, -1) weeks,
           LATERAL (SELECT date_trunc('week', now()) - weeks * interval '1 week' AS monday) m
    RETURNING id, at
)
INSERT INTO audit_events (at, actor, kind, detail)
SELECT at + interval '40 minutes', 'admin-1', 'support.elevation-ended', jsonb_build_object('grant', id) FROM given;
