-- rollup: cases
-- 派件：每日、每件、每事项
SELECT
    day, case_id, item, any_value(department ORDER BY event_id) AS department,
    any_value(body ->> '$.text' ORDER BY event_id) AS name, min(event_id) AS event_id
FROM cases
WHERE event = 'ItemDispatched' AND item IS NOT NULL
GROUP BY day, case_id, item
