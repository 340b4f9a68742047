-- What the migrations of home/migrations have made by now, and rows to ask for.
CREATE TABLE alembic_version (version_num text PRIMARY KEY);
INSERT INTO alembic_version VALUES ('0002');
CREATE TABLE events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id   text NOT NULL,
    source       text NOT NULL,
    body         jsonb NOT NULL,
    priority     smallint NOT NULL DEFAULT 0,
    received_at  timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz
);
CREATE INDEX events_open ON events (id) WHERE processed_at IS NULL;
CREATE INDEX events_source ON events (source, received_at);
INSERT INTO events (request_id, source, body, received_at, processed_at)
SELECT 'seed-' || i, 'sensor-' || i % 40, jsonb_build_object('value', i % 97), t, t
  FROM generate_series(1, 20000) AS i, LATERAL (SELECT now() - i * interval '40 seconds' AS t) AS at;
ANALYZE events;
