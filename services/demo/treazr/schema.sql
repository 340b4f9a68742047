-- Treazr Island: what its users keep, the background jobs that follow from that, and its switches.

CREATE TABLE treasures (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner       text NOT NULL,
    name        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE background_jobs (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL,
    state         text NOT NULL DEFAULT 'queued'
                  CHECK (state IN ('queued', 'working', 'retry', 'failed', 'done', 'cancelled')),
    priority      integer NOT NULL DEFAULT 0,
    attempts      integer NOT NULL DEFAULT 0,
    max_attempts  integer NOT NULL DEFAULT 5,
    payload       jsonb NOT NULL DEFAULT '{}',
    queued_at     timestamptz NOT NULL DEFAULT now(),
    due_at        timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    ended_at      timestamptz,
    claimed_at    timestamptz,
    claimed_by    text,
    error_code    text,
    error         text
);
CREATE INDEX ON background_jobs (kind, state, due_at) WHERE state IN ('queued', 'working', 'retry');
CREATE INDEX ON background_jobs (due_at, id) WHERE state IN ('queued', 'retry');
CREATE INDEX ON background_jobs (ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX ON background_jobs (kind, ended_at) WHERE state = 'failed';
CREATE INDEX ON background_jobs (claimed_at) WHERE state = 'working';

CREATE TABLE job_workers (
    id          text PRIMARY KEY,
    started_at  timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE app_flags (
    name        text PRIMARY KEY,
    enabled     boolean NOT NULL,
    reason      text NOT NULL DEFAULT '',
    changed_by  text NOT NULL DEFAULT 'release',
    changed_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz
);
INSERT INTO app_flags (name, enabled) VALUES
    ('app.writes', true), ('jobs.intake', true),
    ('jobs.import', true), ('jobs.thumbnail', true), ('jobs.notify', true), ('jobs.reindex', true);

INSERT INTO treasures (owner, name, created_at)
SELECT 'user-' || i % 50, 'treasure ' || i, now() - i * interval '1 hour' FROM generate_series(1, 400) i;
