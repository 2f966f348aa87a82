-- 每一条目被提供方以外的机构查到数据的情况：截至该日，和期内
SELECT
    n.resource,
    bool_or(n.day >= $from::DATE) AS in_period,
    arg_max({'table': 'reads', 'event_id': lower(hex(n.last_event)), 'day': n.day}, n.day) AS evidence
FROM reads_named n JOIN resources r ON r.code = n.resource
WHERE n.records > 0 AND n.reader_organisation <> r.provider
GROUP BY n.resource
