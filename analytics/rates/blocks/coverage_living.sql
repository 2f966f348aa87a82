-- 声明了总量的，声明发出之前在案的记录数：最新版本都是撤回的不计，同一版本既有撤回又有未撤回的计
SELECT event_id, count(*) FILTER (WHERE coalesce(stands >= gone, gone IS NULL)) AS records
FROM (
    SELECT
        s.event_id,
        max(f.version) FILTER (WHERE NOT f.withdrawn) AS stands,
        max(f.version) FILTER (WHERE f.withdrawn) AS gone
    FROM facts f
    JOIN coverage_asked s ON s.resource = f.resource AND s.source_total IS NOT NULL AND f.known_at <= s.known_at
    WHERE f.day <= $as_of::DATE
    GROUP BY s.event_id, f.subject, f.record_type, f.record_id
)
GROUP BY event_id
