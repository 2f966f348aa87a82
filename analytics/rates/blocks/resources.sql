-- 目录条目：登记簿截至该日的最后一次变更（含起草、已撤销的）
SELECT
    entity_id AS code,
    state ->> '$.name' AS name,
    state ->> '$.provider' AS provider,
    state ->> '$.state' AS stage,
    CASE substr(state ->> '$.catalogue_code', 1, 1)
        WHEN '1' THEN 'base' WHEN '2' THEN 'theme' WHEN '3' THEN 'department' ELSE 'unstated'
    END AS class,
    coalesce(state ->> '$.theme', 'unstated') AS theme,
    coalesce(state ->> '$.level', 'unstated') AS level,
    CAST(state ->> '$.update_cycle_days' AS BIGINT) AS update_cycle_days,
    coalesce(state ->> '$.sharing_class', 'unstated') AS sharing_class,
    coalesce(json_array_length(state, '$.sharing_means'), 0) AS means_count,
    coalesce(json_array_length(state, '$.legal_basis'), 0) AS basis_count,
    coalesce(state ->> '$.withheld_reason', '') AS withheld_reason,
    coalesce(state ->> '$.topic', '') AS topic,
    coalesce(state ->> '$.schema_name', '') AS schema_name,
    coalesce(state ->> '$.system', '') AS system,
    {'table': 'catalog_changes', 'event_id': lower(hex(event_id)), 'day': day} AS evidence
FROM (
    SELECT entity_id, arg_max(event_id, version) AS event_id, arg_max(day, version) AS day, arg_max(state, version) AS state
    FROM catalog_changes
    WHERE entity = 'resource' AND day <= $as_of::DATE
    GROUP BY entity_id
)
