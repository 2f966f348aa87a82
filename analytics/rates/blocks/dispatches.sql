-- 截至该日的派件
SELECT case_id, item, department, name
FROM dispatches_by_day
WHERE day <= $as_of::DATE
