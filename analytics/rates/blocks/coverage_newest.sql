-- 覆盖声明：截至该日每一资源最新的一份
SELECT c.resource, c.complete_until, c.ranges, c.message_count, c.source_total, c.day, c.known_at, c.event_id
FROM coverages c
JOIN (
    SELECT resource, max(version) AS version FROM coverages WHERE day <= $as_of::DATE GROUP BY resource
) n ON n.resource = c.resource AND n.version = c.version
WHERE c.day <= $as_of::DATE
QUALIFY row_number() OVER (PARTITION BY c.resource ORDER BY c.event_id DESC, c.known_at) = 1
