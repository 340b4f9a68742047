"""Least privilege as SQL to review and apply: the roles, the ledger, the actions' functions, and who may do what."""

from __future__ import annotations

from importlib import resources

from services.actions.effects import in_databases
from services.actions.functions import SIGNATURE, literal, name, texts
from services.actions.reach import needs, queried, reads, restricted_tables, tables, writes
from services.errors import ConfigError
from services.profile import RANK, Profile

_EVERYBODY = "watchdeck_support, watchdeck_viewer, watchdeck_operator, watchdeck_admin"

_HEAD = """\
-- watchdeck: roles, ledger and actions for the profile {profile}. Idempotent: apply it again after every change of the
-- profile. As a superuser, with the search path that finds the queue's tables:
--   watchdeck --profile {profile} roles --sql | psql -v ON_ERROR_STOP=1 DATABASE
--
-- What it makes: five roles that nobody can log in as, a schema `watchdeck` with the ledger, one function per action.
--   watchdeck_support   reads metadata and states; what is restricted only under an elevation, and noted each time
--   watchdeck_viewer    reads the columns that the console shows: no payloads, no error texts
--   watchdeck_operator  a viewer who also reads error texts and may execute the operators' actions; writes no table
--   watchdeck_admin     an operator who may execute the admins' actions too
--   watchdeck_owner     owns the functions, and through them alone what they write
-- It changes no row, and nothing of the queue's tables but who may use them. In one database one profile may speak for
-- a table: another one's grants and its actions of the same name would replace these.
--
-- Then one login per person, never shared. Settings are not inherited: each login that acts needs the limit that the
-- actions insist on, or they refuse. Behind a pooler this is the only place for it.
--   CREATE ROLE alice LOGIN IN ROLE watchdeck_operator;
--   ALTER ROLE alice SET statement_timeout = '3s';
--   ALTER ROLE alice SET idle_in_transaction_session_timeout = '3s'; -- bounds a transaction by hand as well
--
-- To take it all away again: in every database it was applied to, and the roles at last. The ledger goes with its
-- schema: keep a copy of it before (\\copy watchdeck.ledger TO 'ledger.csv' CSV HEADER).
--   DROP SCHEMA watchdeck CASCADE;
--   DROP OWNED BY watchdeck_support, watchdeck_viewer, watchdeck_operator, watchdeck_admin, watchdeck_owner;
--   DROP ROLE watchdeck_support, watchdeck_viewer, watchdeck_operator, watchdeck_admin, watchdeck_owner;
BEGIN;
"""

_ROLES = """\
DO $roles$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['watchdeck_owner', 'watchdeck_support', 'watchdeck_viewer', 'watchdeck_operator',
                                  'watchdeck_admin'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I', wanted);
        END IF;
        EXECUTE format('ALTER ROLE %I NOLOGIN NOCREATEROLE NOCREATEDB', wanted);
    END LOOP;
END
$roles$;
GRANT watchdeck_support TO watchdeck_viewer;
GRANT watchdeck_viewer TO watchdeck_operator;
GRANT watchdeck_operator TO watchdeck_admin;

"""

_PATH = """
-- The functions run as their owner. Whoever can create objects in a schema of their search path could slip one under
-- them: so it holds only the schemas of the queue's tables, and those must be closed to the console's own roles.
DO $path$
DECLARE
    home text;
    path text;
    made text;
BEGIN
    FOR home IN SELECT DISTINCT n.nspname FROM unnest(ARRAY[{tables}]::regclass[]) AS t(id)
                  JOIN pg_class c ON c.oid = t.id JOIN pg_namespace n ON n.oid = c.relnamespace LOOP
        IF has_schema_privilege('public', home, 'CREATE') THEN
            RAISE EXCEPTION 'anyone may create objects in the schema %', home
                USING HINT = format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', home);
        END IF;
        IF has_schema_privilege('watchdeck_admin', home, 'CREATE') THEN
            RAISE EXCEPTION 'a role of the console may create objects in the schema %', home
                USING HINT = format('revoke CREATE ON SCHEMA %I from {everybody}', home);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO watchdeck_owner, watchdeck_support', home);
        path := concat_ws(', ', path, quote_ident(home));
    END LOOP;
    FOREACH made IN ARRAY {placed} LOOP
        EXECUTE format('ALTER FUNCTION watchdeck.%s SET search_path = %s, pg_temp', made, path);
    END LOOP;
    -- What PUBLIC has, everybody has: these grants cannot take it away.
    FOR home IN SELECT t.id::text FROM unnest(ARRAY[{tables}]::regclass[]) AS t(id)
                 WHERE has_table_privilege('public', t.id, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') LOOP
        RAISE WARNING 'PUBLIC has privileges on %: a viewer has them too', home;
    END LOOP;
    FOR made IN SELECT p.proname FROM pg_proc p
                 WHERE p.pronamespace = 'watchdeck'::regnamespace AND p.prosecdef
                   AND p.proname <> ALL (ARRAY['void', 'last_touch', 'sessions', 'ended', 'elevations',
                                         'restricted_reads', 'note_read', 'read_restricted'] || {actions}) LOOP
        RAISE WARNING 'watchdeck.% is not of this profile: drop it unless another profile here has it', made;
    END LOOP;
END
$path$;
"""

_READERS = """
-- Who may do what. Nothing is anybody's by default; everything below is granted by name.
REVOKE ALL ON SCHEMA watchdeck FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA watchdeck FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA watchdeck FROM PUBLIC;
GRANT USAGE ON SCHEMA watchdeck TO watchdeck_support;
GRANT SELECT (id, action, actor, db_user, state, asked, applied, at) ON watchdeck.ledger TO watchdeck_support;
GRANT SELECT ON watchdeck.ledger TO watchdeck_viewer;
GRANT EXECUTE ON FUNCTION watchdeck.as_seen(anyelement) TO watchdeck_support; -- a value as text
GRANT EXECUTE ON FUNCTION watchdeck.typed(anyelement, text[]) TO watchdeck_support; -- a text as a value
GRANT EXECUTE ON FUNCTION watchdeck.last_touch(text[], text[], timestamptz) TO watchdeck_viewer; -- reads the ledger
GRANT EXECUTE ON FUNCTION watchdeck.void(uuid, text, text) TO watchdeck_operator; -- settles a lost reply
"""


def roles_sql(profile: Profile) -> str:
    """Everything the database needs to know of watchdeck. ConfigError when an action does not fit its queue."""
    effects = in_databases(profile).values()
    shared = dict.fromkeys(effect.shared() for effect in effects)
    return "\n".join(
        [
            _HEAD.format(profile=profile.name) + _ROLES,
            (resources.files("services.actions") / "ledger.sql").read_text(),
            *filter(None, shared),
            *(effect.sql() for effect in effects),
            _path(profile),
            _READERS,
            "-- The actions, each for the role that the profile asks for and those above it.",
            *_executes(profile),
            "\n-- What the functions read and write, and no more.",
            *_owner(profile),
            "\n-- Column by column what the console shows. Error texts may quote users' data: for operators.",
            *_readers(profile),
            *_queries(profile),
            "COMMIT;\n",
        ]
    )


def _path(profile: Profile) -> str:
    effects = in_databases(profile)
    found = tables(profile)
    for table in found:
        if "$" in table:
            raise ConfigError(f"the mapping's table {table!r}: no $ in a table's name, please")
    return _PATH.format(
        everybody=_EVERYBODY,
        tables=", ".join(map(literal, found)),
        actions=texts(tuple(effects)),
        placed=texts(tuple(signature for effect in effects.values() for signature in effect.placed())),
    )


def _executes(profile: Profile) -> list[str]:
    lines, more = [], []
    for action_id, effect in in_databases(profile).items():
        function = f"FUNCTION watchdeck.{name(action_id)}({SIGNATURE})"
        # it may have moved to a higher role since the last time
        lines.append(f"REVOKE ALL ON {function} FROM {_EVERYBODY};")
        lines.append(f"GRANT EXECUTE ON {function} TO watchdeck_{profile.actions[action_id].role};")
        more += [f"GRANT EXECUTE ON FUNCTION watchdeck.{one} TO watchdeck_support;" for one in effect.beside()]
    return [*lines, *dict.fromkeys(more)]


def _owner(profile: Profile) -> list[str]:
    written = writes(profile)
    # reading goes with writing: what is returned of a row has to be read
    lines = []
    for table in tables(profile):
        lines += [f"REVOKE ALL ON {table} FROM watchdeck_owner;", f"GRANT SELECT ON {table} TO watchdeck_owner;"]
    lines += [f"GRANT {', '.join(sorted(verbs))} ON {table} TO watchdeck_owner;" for table, verbs in written.items()]
    return lines + [f"GRANT {need} TO watchdeck_owner;" for need in needs(profile)]


def _readers(profile: Profile) -> list[str]:
    """For each role what those below it do not see already."""
    lines = []
    columns = {role: reads(profile, role) for role in RANK}
    for table in dict.fromkeys((*columns["admin"], *restricted_tables(profile))):
        # a column that is granted as a whole table stays granted: start from nothing
        lines.append(f"REVOKE ALL ON {table} FROM {_EVERYBODY};")
        granted: set[str] = set()
        for role in RANK:
            if more := columns[role].get(table, set()) - granted:
                lines.append(f"GRANT SELECT ({', '.join(sorted(more))}) ON {table} TO watchdeck_{role};")
            granted |= more
    return lines


def _queries(profile: Profile) -> list[str]:
    """What the profile's own queries read, for whom it says: mostly operators, for they may tell of users."""
    lines, done = [], {*reads(profile), *restricted_tables(profile)}
    for table, of_roles in queried(profile).items():
        if table not in done:
            lines.append(f"REVOKE ALL ON {table} FROM {_EVERYBODY};")
        for role, columns in of_roles.items():
            if schema := table.rpartition(".")[0]:
                lines.append(f"GRANT USAGE ON SCHEMA {schema} TO watchdeck_{role};")
            lines.append(f"GRANT SELECT ({', '.join(sorted(columns))}) ON {table} TO watchdeck_{role};")
    return lines
