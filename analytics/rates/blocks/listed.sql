-- 责任清单：截至该日每一部门最近发布的一期所列的条目
SELECT DISTINCT row_ ->> '$.resource' AS code
FROM (
    SELECT unnest(CAST(state -> '$.rows' AS JSON[])) AS row_
    FROM (
        SELECT state
        FROM catalog_changes
        WHERE entity = 'list' AND action = 'published' AND day <= $as_of::DATE
            AND state ->> '$.kind' = 'responsibility'
        QUALIFY row_number() OVER (
            PARTITION BY coalesce(state ->> '$.department', '')
            ORDER BY CAST(state ->> '$.published_at' AS BIGINT) DESC, entity_id DESC
        ) = 1
    )
)
