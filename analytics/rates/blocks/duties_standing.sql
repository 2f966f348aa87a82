-- 法定义务：截至该日的状态，连同应履行的机构
SELECT
    d.* EXCLUDE (day, event_id), coalesce(o.district, '') AS district, coalesce(o.level, 'unstated') AS level,
    {'table': 'catalog_changes', 'event_id': lower(hex(d.event_id)), 'day': d.day} AS evidence
FROM duties_newest d
LEFT JOIN organisations o ON o.code = d.department
