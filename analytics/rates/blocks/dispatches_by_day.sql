-- rollup: cases
-- 派件：每日、每件、每事项
SELECT day, case_id, item, min(department) AS department, min(body ->> '$.text') AS name
FROM cases
WHERE event = 'ItemDispatched' AND item IS NOT NULL
GROUP BY day, case_id, item
