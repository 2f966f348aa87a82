-- rollup: facts
-- 数据到达：每日、每分区、每资源的条数和首末偏移
SELECT day, topic, partition, resource, count(*) AS messages, min("offset") AS low, max("offset") AS high
FROM facts
GROUP BY day, topic, partition, resource
