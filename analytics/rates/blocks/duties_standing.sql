-- 法定义务：截至该日的状态
SELECT
    d.* EXCLUDE (day, event_id), coalesce(o.district, '') AS district, coalesce(o.level, 'unstated') AS level,
    {'table': 'catalog_changes', 'event_id': lower(hex(d.event_id)), 'day': d.day} AS evidence
FROM (
    SELECT *
    FROM duties_by_day
    WHERE day <= $as_of::DATE
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC, event_id DESC) = 1
) d
LEFT JOIN organisations o ON o.code = d.department
