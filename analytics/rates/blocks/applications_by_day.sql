-- rollup: cases
-- 申请：每件一行，只取所需各项
SELECT
    day, case_id, bundle, policy, event_id,
    body ->> '$.channel' AS channel,
    body ->> '$.mode' AS mode,
    coalesce(body ->> '$.received_at.level', '') AS received_level,
    coalesce(body ->> '$.received_at.code', '') AS received_code,
    coalesce(body ->> '$.handled_at.code', '') AS handled_code,
    CAST(body ->> '$.fields_total' AS BIGINT) AS fields_total,
    CAST(body ->> '$.fields_filled' AS BIGINT) AS fields_filled,
    CAST(body ->> '$.fields_shareable' AS BIGINT) AS fields_shareable
FROM cases
WHERE event = 'ApplicationSubmitted'
