-- 截至该日被提供方以外的机构查到过数据的条目
SELECT n.resource, arg_max({'table': 'reads', 'event_id': lower(hex(n.last_event)), 'day': n.day}, n.day) AS evidence
FROM reads_named n JOIN resources r ON r.code = n.resource
WHERE n.records > 0 AND n.reader_organisation <> r.provider
GROUP BY n.resource
