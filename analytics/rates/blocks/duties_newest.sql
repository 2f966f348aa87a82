-- 法定义务：截至该日的最后一次变更；义务的种类从不改变
SELECT d.*
FROM duties_by_day d
JOIN (
    SELECT kind, id, max(version) AS version FROM duties_by_day WHERE day <= $as_of::DATE GROUP BY kind, id
) n ON n.kind = d.kind AND n.id = d.id AND n.version = d.version
WHERE d.day <= $as_of::DATE
QUALIFY row_number() OVER (PARTITION BY d.kind, d.id ORDER BY d.day) = 1
