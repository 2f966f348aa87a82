-- rollup: catalog_changes
-- 法定义务：每日最后一次变更
SELECT
    day, entity_id AS id, version, event_id,
    state ->> '$.kind' AS kind,
    state ->> '$.entity' AS about,
    state ->> '$.entity_id' AS about_id,
    coalesce(state ->> '$.department', '') AS department,
    coalesce(state ->> '$.limit', '') AS term,
    state ->> '$.state' AS stage,
    CAST(state ->> '$.due_at' AS BIGINT) AS due_us,
    CAST(state ->> '$.breached_at' AS BIGINT) AS breached_us,
    CAST(state ->> '$.ended_at' AS BIGINT) AS ended_us,
    coalesce(CAST(state ->> '$.extensions' AS BIGINT), 0) AS extensions,
    coalesce(CAST(state ->> '$.suspended_days' AS BIGINT), 0) AS suspended_days
FROM (
    SELECT day, entity_id, version, event_id, state
    FROM catalog_changes
    WHERE entity = 'duty'
    QUALIFY row_number() OVER (PARTITION BY day, entity_id ORDER BY version DESC, event_id DESC) = 1
)
