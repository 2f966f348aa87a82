-- 需要核对的覆盖声明所称的区间
SELECT
    resource, event_id, day, known_at,
    r.topic AS topic, r.partition AS partition, r.from_offset AS low, r.to_offset AS high
FROM (SELECT resource, event_id, day, known_at, unnest(ranges) AS r FROM coverage_asked)
WHERE r.from_offset < r.to_offset
