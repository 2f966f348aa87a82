"""The best queries that we could write by hand for a rate: its numerator, denominator and main twin, by place.

Each is one DuckDB statement over the lake's rows for one day; ``$d`` is the day, ``$f`` the first of its month. Like a
rate's own query it tells the numbers apart by department, level, class and theme, so that any of these can be summed.
They know what the made-up lake is like (no drafts, no lists, levels all stated) and leave out what it does not have.
"""

# The SQL is put together of our own parts only.
# ruff: noqa: S608

from typing import Final

_PUBLISHED: Final = """
e AS (
    SELECT entity_id AS code, state ->> '$.topic' AS topic, state ->> '$.provider' AS provider,
        state ->> '$.sharing_class' AS sharing, (state ->> '$.update_cycle_days')::INTEGER AS cycle,
        state ->> '$.level' AS level, state ->> '$.theme' AS theme, state ->> '$.catalogue_code' AS class
    FROM (SELECT entity_id, arg_max(state, version) AS state FROM catalog_changes
          WHERE entity = 'resource' AND day <= $d GROUP BY entity_id)
    WHERE state ->> '$.state' = 'published'
)"""

_GRANTED: Final = """
g AS (
    SELECT DISTINCT unnest((state -> '$.resources')::VARCHAR[]) AS code
    FROM (SELECT arg_max(state, version) AS state FROM catalog_changes
          WHERE entity = 'grant' AND day <= $d GROUP BY entity_id)
    WHERE state ->> '$.demand' <> ''
)"""

QUERIES: Final = {
    "attached": f"""
        WITH {_PUBLISHED},
        a AS (SELECT topic, resource, max(known_at) AS last_at FROM facts WHERE day <= $d GROUP BY ALL),
        c AS (SELECT resource, arg_max(complete_until, version) AS until FROM coverages WHERE day <= $d GROUP BY ALL)
        SELECT
            count(*) FILTER (a.resource IS NOT NULL OR c.resource IS NOT NULL), count(*),
            count(*) FILTER (greatest(a.last_at, c.until) < ($d + 1 - e.cycle)::TIMESTAMPTZ)
        FROM e LEFT JOIN a ON a.resource = e.code AND a.topic = e.topic LEFT JOIN c ON c.resource = e.code
        GROUP BY e.provider, e.level, e.class, e.theme
    """,
    "collected": f"""
        WITH {_PUBLISHED},
        c AS (
            SELECT * FROM coverages WHERE day <= $d
            QUALIFY row_number() OVER (PARTITION BY resource ORDER BY version DESC) = 1
        ),
        s AS (SELECT resource, known_at, unnest(ranges, recursive := true) FROM c),
        n AS (
            SELECT f.resource, count(*) AS messages
            FROM facts f JOIN s ON f.resource = s.resource AND f.topic = s.topic AND f.partition = s.partition
            WHERE f."offset" >= s.from_offset AND f."offset" < s.to_offset AND f.known_at <= s.known_at AND f.day <= $d
            GROUP BY ALL
        ),
        l AS (
            SELECT resource, count(*) FILTER (coalesce(stands >= gone, gone IS NULL)) AS records
            FROM (
                SELECT f.resource, max(version) FILTER (NOT withdrawn) AS stands,
                    max(version) FILTER (withdrawn) AS gone
                FROM facts f SEMI JOIN (FROM c WHERE source_total IS NOT NULL) t
                    ON t.resource = f.resource AND f.known_at <= t.known_at
                WHERE f.day <= $d
                GROUP BY f.resource, subject, record_type, record_id
            )
            GROUP BY ALL
        ),
        a AS (SELECT DISTINCT topic, resource FROM facts WHERE day <= $d)
        SELECT
            count(*) FILTER (c.complete_until >= ($d + 1 - e.cycle)::TIMESTAMPTZ
                AND c.message_count = coalesce(n.messages, 0)
                AND (c.source_total IS NULL OR c.source_total = coalesce(l.records, 0))), count(*),
            count(*) FILTER (c.resource IS NOT NULL AND a.resource IS NULL)
        FROM e LEFT JOIN c ON c.resource = e.code LEFT JOIN n ON n.resource = e.code LEFT JOIN l ON l.resource = e.code
            LEFT JOIN a ON a.resource = e.code AND a.topic = e.topic
        GROUP BY e.provider, e.level, e.class, e.theme
    """,
    "shared": f"""
        WITH {_PUBLISHED}, {_GRANTED},
        a AS (SELECT topic, resource, max(known_at) AS last_at FROM facts WHERE day <= $d GROUP BY ALL),
        r AS (
            SELECT DISTINCT unnest(resources) AS code, split_part(reader, ':', 1) AS reader
            FROM reads WHERE day BETWEEN $f AND $d AND refused_reason IS NULL AND record_count > 0
        ),
        j AS (
            SELECT e.*, a.last_at, sharing = 'conditional' AND EXISTS (FROM g WHERE g.code = e.code)
                AND EXISTS (FROM r WHERE r.code = e.code AND r.reader <> e.provider) AS good
            FROM e LEFT JOIN a ON a.resource = e.code AND a.topic = e.topic
        )
        SELECT count(*) FILTER (good), count(*) FILTER (sharing <> 'withheld'),
            count(*) FILTER (good AND last_at < ($d + 1 - cycle)::TIMESTAMPTZ)
        FROM j
        GROUP BY provider, level, class, theme
    """,
    "satisfied-in-time": """
        WITH t AS (
            SELECT state ->> '$.department' AS department, state ->> '$.state' AS stage,
                (state ->> '$.ended_at')::BIGINT AS ended,
                (state ->> '$.due_at')::BIGINT AS due, state ->> '$.breached_at' AS breached,
                (state ->> '$.extensions')::BIGINT > 0 OR (state ->> '$.suspended_days')::BIGINT > 0 AS longer
            FROM (SELECT arg_max(state, version) AS state FROM catalog_changes
                  WHERE entity = 'duty' AND day <= $d GROUP BY entity_id)
            WHERE state ->> '$.kind' = 'delivery' AND state ->> '$.state' <> 'lapsed'
        )
        SELECT count(*) FILTER (stage = 'fulfilled'), count(*), count(*) FILTER (stage = 'fulfilled' AND longer)
        FROM t
        WHERE ended >= epoch_us($f::TIMESTAMPTZ) AND ended < epoch_us(($d + 1)::TIMESTAMPTZ)
            OR ended IS NULL AND (breached IS NOT NULL OR due <= epoch_us(($d + 1)::TIMESTAMPTZ))
        GROUP BY department
    """,
    "collected-again": """
        SELECT sum((body ->> '$.fields_shareable')::BIGINT), sum((body ->> '$.fields_total')::BIGINT),
            count(*) FILTER ((body ->> '$.fields_filled')::BIGINT = 0)
        FROM (
            SELECT bundle, body FROM cases WHERE event = 'ApplicationSubmitted' AND day BETWEEN $f AND $d
            QUALIFY row_number() OVER (PARTITION BY case_id ORDER BY day, event_id) = 1
        )
        GROUP BY bundle, body ->> '$.received_at.level', body ->> '$.received_at.code'
    """,
    "citywide": """
        WITH a AS (
            SELECT case_id,
                body ->> '$.mode' IN ('collected-elsewhere', 'joint-places')
                    OR body ->> '$.received_at.code' <> body ->> '$.handled_at.code' AS elsewhere,
                body ->> '$.mode' = 'whole-online' AS online,
                body ->> '$.channel' IN ('counter', 'self-service') AS at_counter
            FROM cases WHERE event = 'ApplicationSubmitted' AND day <= $d
        ),
        i AS (
            SELECT item, min(department) AS department, bool_or(elsewhere) AS elsewhere,
                bool_or(elsewhere OR online) AS anywhere
            FROM (SELECT case_id, item, department FROM cases WHERE event = 'ItemDispatched' AND day <= $d)
            JOIN a USING (case_id)
            GROUP BY item HAVING bool_or(at_counter)
        )
        SELECT count(*) FILTER (anywhere), count(*), count(*) FILTER (anywhere AND NOT elsewhere)
        FROM i GROUP BY department
    """,
}
