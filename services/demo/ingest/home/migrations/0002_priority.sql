-- reversible: yes, nothing reads the column yet
-- up
ALTER TABLE events ADD COLUMN priority smallint NOT NULL DEFAULT 0;
-- down
ALTER TABLE events DROP COLUMN priority;
