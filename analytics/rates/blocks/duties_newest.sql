-- 法定义务：截至该日的最后一次变更
SELECT d.*
FROM duties_by_day d
JOIN (
    SELECT id, max(version) AS version FROM duties_by_day WHERE day <= $as_of::DATE GROUP BY id
) n ON n.id = d.id AND n.version = d.version
WHERE d.day <= $as_of::DATE
QUALIFY row_number() OVER (PARTITION BY d.id ORDER BY d.day) = 1
