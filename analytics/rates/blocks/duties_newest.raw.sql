-- 法定义务：截至该日的最后一次变更
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
    SELECT
        entity_id, max(version) AS version, arg_max(event_id, version) AS event_id, arg_max(day, version) AS day,
        arg_max(state, version) AS state
    FROM catalog_changes
    WHERE entity = 'duty' AND day <= $as_of::DATE
    GROUP BY entity_id
)
