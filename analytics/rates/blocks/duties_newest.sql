-- 法定义务：截至该日的最后一次变更
SELECT *
FROM duties_by_day
WHERE day <= $as_of::DATE
QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC, event_id DESC) = 1
