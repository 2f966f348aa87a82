-- 机构：登记簿截至该日的最后一次变更；district：区县代码前缀或开发区机构代码，市级为空
SELECT
    entity_id AS code,
    state ->> '$.name' AS name,
    coalesce(state ->> '$.level', 'unstated') AS level,
    CASE
        WHEN state ->> '$.kind' = 'development-zone' THEN entity_id
        WHEN state ->> '$.level' = 'district' THEN split_part(entity_id, '-', 1)
        ELSE ''
    END AS district,
    CASE state ->> '$.level'
        WHEN 'district' THEN 1 WHEN 'city' THEN 2 WHEN 'vertical' THEN 3 WHEN 'province' THEN 3 WHEN 'state' THEN 4
    END AS height
FROM (
    SELECT entity_id, arg_max(state, version) AS state
    FROM catalog_changes
    WHERE entity = 'organisation' AND day <= $as_of::DATE
    GROUP BY entity_id
)
