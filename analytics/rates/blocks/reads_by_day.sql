-- rollup: reads
-- 查档：每日、每机构、每资源、每授权的次数和最后一次；被拒绝的不计，未列资源的（整档查阅）资源为空
SELECT
    day, reader_organisation, resource, grant_id,
    count(*) AS reads,
    CAST(sum(record_count) AS BIGINT) AS records,
    arg_max(event_id, {'at': known_at, 'p': partition, 'o': "offset"}) AS last_event
FROM (
    SELECT
        day, known_at, partition, "offset", event_id, record_count, grant_id,
        split_part(reader, ':', 1) AS reader_organisation,
        unnest(CASE WHEN len(resources) = 0 THEN [''] ELSE resources END) AS resource
    FROM reads
    WHERE refused_reason IS NULL
)
GROUP BY day, reader_organisation, resource, grant_id
