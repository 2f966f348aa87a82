-- 截至该日每一资源在其主题上到达过的数据
SELECT
    topic, resource,
    CAST(sum(messages) AS BIGINT) AS messages,
    max(last_at) AS last_at,
    arg_max({'table': 'facts', 'event_id': lower(hex(last_event)), 'day': day}, day) AS evidence
FROM facts_by_day
WHERE day <= $as_of::DATE
GROUP BY topic, resource
