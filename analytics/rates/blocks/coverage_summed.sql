-- 覆盖声明的核对，以日汇总相加，只有边缘的日子数原始行；结果与 coverage_found 相同
SELECT
    s.event_id, CAST(coalesce(inside.messages, 0) + coalesce(edges.messages, 0) AS BIGINT) AS messages,
    CASE WHEN s.source_total IS NULL THEN NULL ELSE coalesce(living.records, 0) END AS records
FROM coverage_asked s
LEFT JOIN (
    SELECT c.event_id, sum(d.messages) AS messages
    FROM coverage_spans c
    JOIN spans_by_day d ON d.resource = c.resource AND d.topic = c.topic AND d.partition = c.partition
    WHERE d.day < c.day AND d.low >= c.low AND d.high < c.high
    GROUP BY c.event_id
) inside ON inside.event_id = s.event_id
LEFT JOIN (
    SELECT e.event_id, count(*) AS messages
    FROM facts_at_edges f
    JOIN coverage_edges e
        ON f.resource = e.resource AND f.topic = e.topic AND f.partition = e.partition AND f.day = e.day
        AND f."offset" >= e.low AND f."offset" < e.high AND f.known_at <= e.known_at
    GROUP BY e.event_id
) edges ON edges.event_id = s.event_id
LEFT JOIN coverage_living living ON living.event_id = s.event_id
