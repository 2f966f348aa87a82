-- 覆盖声明的核对：声明发出之前到达的数据中，所称区间内实有的条数；声明了总量的，另计当时在案的记录数
SELECT
    s.event_id, coalesce(found.messages, 0) AS messages,
    CASE WHEN s.source_total IS NULL THEN NULL ELSE coalesce(living.records, 0) END AS records
FROM coverage_asked s
LEFT JOIN (
    SELECT c.event_id, count(*) AS messages
    FROM facts f
    JOIN coverage_spans c
        ON f.resource = c.resource AND f.topic = c.topic AND f.partition = c.partition
        AND f."offset" >= c.low AND f."offset" < c.high AND f.known_at <= c.known_at
    WHERE f.day <= $as_of::DATE
    GROUP BY c.event_id
) found ON found.event_id = s.event_id
LEFT JOIN coverage_living living ON living.event_id = s.event_id
