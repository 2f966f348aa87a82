-- 截至该日的派件
SELECT case_id, item, department, body ->> '$.text' AS name
FROM cases
WHERE event = 'ItemDispatched' AND item IS NOT NULL AND day <= $as_of::DATE
