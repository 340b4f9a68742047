"""Least privilege as SQL to review and apply: the roles, the ledger, the actions' functions, and who may do what."""

from __future__ import annotations

from importlib import resources

from services.actions.functions import SIGNATURE, function_sql, name
from services.actions.reach import reads, writes
from services.profile import Profile

_HEAD = """\
-- watchdeck: roles, ledger and actions for the profile {profile}. Idempotent; apply as a superuser, with the search
-- path that finds the queue's tables:   watchdeck --profile {profile} roles --sql | psql DATABASE
--
-- One login per person, never shared, with the limit that the actions insist on:
--   CREATE ROLE alice LOGIN IN ROLE watchdeck_operator;
--   ALTER ROLE alice SET statement_timeout = '3s';
BEGIN;
"""

_ROLES = """\
DO $roles$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['watchdeck_owner', 'watchdeck_viewer', 'watchdeck_operator', 'watchdeck_admin'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
END
$roles$;
ALTER ROLE watchdeck_owner NOLOGIN;
ALTER ROLE watchdeck_viewer SET statement_timeout = '3s';
ALTER ROLE watchdeck_operator SET statement_timeout = '3s';
ALTER ROLE watchdeck_admin SET statement_timeout = '3s';
GRANT watchdeck_viewer TO watchdeck_operator;
GRANT watchdeck_operator TO watchdeck_admin;

"""

# The functions run as their owner, so their search path must hold only schemas where nobody else can put anything.
_PATH = """
DO $path$
DECLARE
    home text;
    path text;
    action text;
BEGIN
    FOR home IN SELECT DISTINCT n.nspname FROM unnest(ARRAY[{tables}]::regclass[]) AS t(id)
                  JOIN pg_class c ON c.oid = t.id JOIN pg_namespace n ON n.oid = c.relnamespace LOOP
        IF has_schema_privilege('public', home, 'CREATE') THEN
            RAISE EXCEPTION 'anyone may create objects in the schema %', home
                USING HINT = format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', home);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO watchdeck_owner, watchdeck_viewer', home);
        path := concat_ws(', ', path, quote_ident(home));
    END LOOP;
    FOREACH action IN ARRAY ARRAY[{actions}]::text[] LOOP
        EXECUTE format('ALTER FUNCTION watchdeck.%I({signature}) SET search_path = %s, pg_temp', action, path);
    END LOOP;
END
$path$;
"""

_READERS = """\
REVOKE ALL ON SCHEMA watchdeck FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA watchdeck FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA watchdeck FROM PUBLIC;
GRANT USAGE ON SCHEMA watchdeck TO watchdeck_viewer;
GRANT SELECT ON watchdeck.ledger TO watchdeck_viewer;
GRANT EXECUTE ON FUNCTION watchdeck.as_seen(anyelement) TO watchdeck_viewer;
GRANT EXECUTE ON FUNCTION watchdeck.typed(anyelement, text[]) TO watchdeck_viewer;
GRANT EXECUTE ON FUNCTION watchdeck.last_touch(text[], timestamptz) TO watchdeck_viewer;
GRANT EXECUTE ON FUNCTION watchdeck.void(uuid, text, text) TO watchdeck_operator;
"""


def roles_sql(profile: Profile) -> str:
    """Everything the database needs to know of watchdeck. ConfigError when an action does not fit its queue."""
    functions = [function_sql(profile, action) for action in profile.actions]
    return "\n".join(
        [
            _HEAD.format(profile=profile.name) + _ROLES,
            (resources.files("services.actions") / "ledger.sql").read_text(),
            *functions,
            _path(profile),
            _READERS,
            *_executes(profile),
            "",
            *_owner(profile),
            *_viewer(profile),
            "COMMIT;\n",
        ]
    )


def _path(profile: Profile) -> str:
    return _PATH.format(
        tables=", ".join(f"'{table}'" for table in reads(profile)),
        actions=", ".join(f"'{action}'" for action in profile.actions),
        signature=SIGNATURE,
    )


def _executes(profile: Profile) -> list[str]:
    """Each action's function for the role the profile asks for; a viewer executes none."""
    lines = []
    for action_id, action in profile.actions.items():
        function = f"FUNCTION watchdeck.{name(action_id)}({SIGNATURE})"
        # an action may have moved to a higher role since the last time
        lines.append(f"REVOKE ALL ON {function} FROM watchdeck_viewer, watchdeck_operator, watchdeck_admin;")
        role = "watchdeck_admin" if action.role == "admin" else "watchdeck_operator"
        lines.append(f"GRANT EXECUTE ON {function} TO {role};")
    return lines


def _owner(profile: Profile) -> list[str]:
    """What the functions do, and no more."""
    lines = [f"GRANT SELECT ON {table} TO watchdeck_owner;" for table in reads(profile)]
    for table, verbs in writes(profile).items():
        lines.append(f"GRANT {', '.join(sorted(verbs))} ON {table} TO watchdeck_owner;")
    return lines


def _viewer(profile: Profile) -> list[str]:
    """Column by column what the mapping looks at; the payload is never among it."""
    lines = []
    for table, columns in reads(profile).items():
        # a column that is granted as a whole table stays granted: start from nothing
        lines.append(f"REVOKE ALL ON {table} FROM watchdeck_viewer;")
        lines.append(f"GRANT SELECT ({', '.join(sorted(columns))}) ON {table} TO watchdeck_viewer;")
    return lines
