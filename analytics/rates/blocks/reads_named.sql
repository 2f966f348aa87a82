-- 截至该日的查档，落到条目：整档查阅按其授权所列资源计；既无资源又无此种授权的，不知查阅了什么，不计
SELECT day, reader_organisation, resource, grant_id, records, last_event
FROM reads_by_day
WHERE day <= $as_of::DATE AND resource <> ''
UNION ALL
SELECT r.day, r.reader_organisation, unnest(g.resources), r.grant_id, r.records, r.last_event
FROM reads_by_day r JOIN grants g ON g.id = r.grant_id
WHERE r.day <= $as_of::DATE AND r.resource = ''
