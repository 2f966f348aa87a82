-- 覆盖声明的核对：声明发出之前到达的数据中，所称区间内实有的条数；声明了总量的，另计当时在案（未撤回）的记录数
WITH stated AS MATERIALIZED (SELECT * FROM coverage_asked),
spans AS MATERIALIZED (
    SELECT
        resource, event_id, day, known_at,
        r.topic AS topic, r.partition AS partition, r.from_offset AS low, r.to_offset AS high
    FROM (SELECT resource, event_id, day, known_at, unnest(ranges) AS r FROM stated)
    WHERE r.from_offset < r.to_offset
),
found AS (
    SELECT s.event_id, count(*) AS messages
    FROM facts f
    JOIN spans s
        ON f.resource = s.resource AND f.topic = s.topic AND f.partition = s.partition
        AND f."offset" >= s.low AND f."offset" < s.high AND f.known_at <= s.known_at
    WHERE f.day <= $as_of::DATE
    GROUP BY s.event_id
),
living AS (
    SELECT event_id, count(*) FILTER (WHERE NOT withdrawn) AS records
    FROM (
        SELECT s.event_id, arg_max(f.withdrawn, {'v': f.version, 'e': f.event_id}) AS withdrawn
        FROM facts f
        JOIN stated s ON s.resource = f.resource AND s.source_total IS NOT NULL AND f.known_at <= s.known_at
        WHERE f.day <= $as_of::DATE
        GROUP BY s.event_id, f.subject, f.record_type, f.record_id
    )
    GROUP BY event_id
)
SELECT
    s.event_id, coalesce(found.messages, 0) AS messages,
    CASE WHEN s.source_total IS NULL THEN NULL ELSE coalesce(living.records, 0) END AS records
FROM stated s
LEFT JOIN found ON found.event_id = s.event_id
LEFT JOIN living ON living.event_id = s.event_id
