-- What the demo has broken on purpose, where its processes look for it. Of the demo alone: no console reads it.
CREATE SCHEMA demo;
CREATE TABLE demo.faults (
    name   text PRIMARY KEY,
    since  timestamptz NOT NULL DEFAULT now(),
    detail jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO feature_flags (name, enabled, value, reason) VALUES
    ('jobs.artifact_validate', true, NULL, ''), ('jobs.parse_raw', true, NULL, ''), ('jobs.normalise', true, NULL, ''),
    ('jobs.downsample_L1', true, NULL, ''), ('jobs.fuse', true, NULL, ''), ('jobs.detect_laps', true, NULL, ''),
    ('jobs.publish_session', true, NULL, ''), ('formats.gpx', true, NULL, ''), ('formats.csv', true, NULL, ''),
    ('formats.fit', true, NULL, ''), ('formats.racebox', true, NULL, ''),
    ('api.signed_urls', true, NULL, ''), ('api.signer_v2', false, NULL, 'not rolled out yet'),
    ('api.token_key_v2', false, NULL, 'not rolled out yet');
