-- 覆盖声明：截至该日每一资源最新的一份
SELECT resource, complete_until, ranges, message_count, source_total, day, known_at, event_id
FROM coverages
WHERE day <= $as_of::DATE
QUALIFY row_number() OVER (PARTITION BY resource ORDER BY version DESC, event_id DESC) = 1
