-- 政务服务信息系统：登记簿截至该日的最后一次变更，已撤销的不计
SELECT
    s.code, s.name, s.owner, coalesce(o.district, '') AS district, s.level, s.stage, s.evidence
FROM (
    SELECT
        entity_id AS code,
        state ->> '$.name' AS name,
        coalesce(state ->> '$.owner', 'unstated') AS owner,
        coalesce(state ->> '$.level', 'unstated') AS level,
        coalesce(state ->> '$.state', 'unstated') AS stage,
        coalesce(CAST(state ->> '$.withdrawn' AS BOOLEAN), FALSE) AS withdrawn,
        {'table': 'catalog_changes', 'event_id': lower(hex(event_id)), 'day': day} AS evidence
    FROM (
        SELECT entity_id, arg_max(event_id, version) AS event_id, arg_max(day, version) AS day, arg_max(state, version) AS state
        FROM catalog_changes
        WHERE entity = 'system' AND day <= $as_of::DATE
        GROUP BY entity_id
    )
) s
LEFT JOIN organisations o ON o.code = s.owner
WHERE NOT s.withdrawn
