-- What the workers need to claim, and what a console needs to look without harm (see the preset's [cost]).
CREATE INDEX jobs_claim ON jobs (priority, run_at) WHERE state IN ('queued', 'retry_wait');
CREATE INDEX jobs_live ON jobs (type, state, run_at) WHERE state IN ('queued', 'running', 'retry_wait');
CREATE INDEX jobs_locked ON jobs (locked_at) WHERE state = 'running';
CREATE INDEX jobs_failed ON jobs (type, finished_at) WHERE state = 'failed';
CREATE INDEX jobs_finished ON jobs (finished_at, id) WHERE finished_at IS NOT NULL;
CREATE INDEX jobs_run ON jobs (run_id);
CREATE INDEX job_attempts_job ON job_attempts (job_id, attempt);
CREATE INDEX job_attempts_finished ON job_attempts (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX processing_runs_live ON processing_runs (status) WHERE status IN ('queued', 'running');
CREATE INDEX processing_runs_finished ON processing_runs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX processing_runs_created ON processing_runs (created_at);
CREATE INDEX processing_runs_session ON processing_runs (session_id);
CREATE INDEX sessions_uploaded ON sessions (created_at) WHERE status = 'uploaded';
CREATE INDEX datasets_run ON datasets (run_id);
CREATE INDEX reaper_runs_started ON reaper_runs (started_at);
CREATE INDEX audit_events_kind ON audit_events (kind, at);
-- Lets the planner know how states are spread within a type, so that its estimate of finished jobs is good.
CREATE STATISTICS jobs_type_state (mcv) ON type, state FROM jobs;
ANALYZE jobs, job_attempts, processing_runs;
