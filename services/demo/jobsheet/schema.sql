-- Job Sheet QA's tables, named as its own code names them, and a day of work that is done.
CREATE TABLE "Customer" (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE "Document" (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "customerId"      bigint NOT NULL, -- no reference: what locks customers need not hold up uploads
    "fileName"        text NOT NULL,
    status            text NOT NULL DEFAULT 'Processing',
    "createdAt"       timestamptz NOT NULL DEFAULT now(),
    "processingSince" timestamptz DEFAULT now(),
    "auditedAt"       timestamptz,
    "finishedAt"      timestamptz
);
CREATE TABLE "ProcessingJob" (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "documentId"   bigint NOT NULL REFERENCES "Document",
    type           text NOT NULL,
    status         text NOT NULL DEFAULT 'queued',
    attempts       int NOT NULL DEFAULT 0,
    "maxAttempts"  int NOT NULL DEFAULT 3,
    "createdAt"    timestamptz NOT NULL DEFAULT now(),
    "runAt"        timestamptz NOT NULL DEFAULT now(),
    "startedAt"    timestamptz,
    "finishedAt"   timestamptz,
    "lockedAt"     timestamptz,
    "lockedBy"     text,
    "errorCode"    text,
    "errorMessage" text
);
CREATE TABLE "Worker" (
    id text PRIMARY KEY, version text, "startedAt" timestamptz NOT NULL DEFAULT now(), "heartbeatAt" timestamptz NOT NULL
);
CREATE TABLE "FeatureFlag" (
    name text PRIMARY KEY, enabled boolean NOT NULL, value float8, reason text, "changedBy" text,
    "changedAt" timestamptz NOT NULL DEFAULT now(), "expiresAt" timestamptz
);
CREATE TABLE "AuthEvent" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), outcome text NOT NULL,
    reason text NOT NULL DEFAULT ''
);
CREATE TABLE "Dispute" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "documentId" bigint NOT NULL REFERENCES "Document",
    "openedAt" timestamptz NOT NULL, "resolvedAt" timestamptz
);

INSERT INTO "Customer" SELECT i, 'customer ' || i FROM generate_series(1, 20) AS i;
INSERT INTO "Document" ("customerId", "fileName", status, "createdAt", "processingSince", "auditedAt", "finishedAt")
SELECT 1 + i % 20, 'sheet-' || i || '.pdf', 'Audited', t, t, t + interval '40 seconds', t + interval '40 seconds'
  FROM generate_series(1, 1500) AS i, LATERAL (SELECT now() - interval '5 minutes' - i * interval '50 seconds' AS t) AS at;
INSERT INTO "ProcessingJob" ("documentId", type, status, attempts, "createdAt", "runAt", "startedAt", "finishedAt")
SELECT d.id, k.type, 'done', 1, d."createdAt", d."createdAt", d."createdAt", d."finishedAt"
  FROM "Document" AS d CROSS JOIN (VALUES ('ocr'), ('extract'), ('audit'), ('report')) AS k (type);
INSERT INTO "Dispute" ("documentId", "openedAt", "resolvedAt")
SELECT d.id, d."createdAt" + interval '1 hour', CASE WHEN d.id % 3 > 0 THEN now() END FROM "Document" AS d
 WHERE d.id % 100 = 0 AND d."createdAt" < now() - interval '1 hour';
INSERT INTO "FeatureFlag" (name, enabled, "changedBy") VALUES ('maintenance', false, 'setup');

CREATE INDEX ON "ProcessingJob" (type, status, "runAt") WHERE status IN ('queued', 'processing', 'retry');
CREATE INDEX ON "ProcessingJob" ("finishedAt", id) WHERE "finishedAt" IS NOT NULL;
CREATE INDEX ON "ProcessingJob" (type, "finishedAt") WHERE status = 'dead';
CREATE INDEX ON "ProcessingJob" ("lockedAt") WHERE status = 'processing';
CREATE INDEX ON "Document" (status, "processingSince");
CREATE INDEX ON "AuthEvent" (at);
ANALYZE;
