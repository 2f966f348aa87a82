-- 截至该日每一资源在其主题上到达过的数据
SELECT
    topic, resource,
    count(*) AS messages,
    max(known_at) AS last_at,
    {
        'table': 'facts',
        'event_id': lower(hex(arg_max(event_id, {'at': known_at, 'p': partition, 'o': "offset"}))),
        'day': max(day)
    } AS evidence
FROM facts
WHERE day <= $as_of::DATE
GROUP BY topic, resource
