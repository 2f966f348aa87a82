-- 只有一部分在所称区间内、或与声明同日的日汇总：这些要回到原始行去数
SELECT DISTINCT c.event_id, c.resource, c.topic, c.partition, c.low, c.high, c.known_at, d.day
FROM coverage_spans c
JOIN spans_by_day d ON d.resource = c.resource AND d.topic = c.topic AND d.partition = c.partition
WHERE d.day <= c.day AND d.low < c.high AND d.high >= c.low
    AND (d.day = c.day OR d.low < c.low OR d.high >= c.high)
