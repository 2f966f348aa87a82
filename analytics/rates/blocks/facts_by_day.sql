-- rollup: facts
-- 数据到达：每日、每主题、每资源的条数和最后一条
SELECT
    day, topic, resource,
    count(*) AS messages,
    max(known_at) AS last_at,
    arg_max(event_id, {'at': known_at, 'p': partition, 'o': "offset"}) AS last_event
FROM facts
GROUP BY day, topic, resource
