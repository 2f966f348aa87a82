-- 共享需求：截至该日的状态
SELECT
    d.*, coalesce(p.district, '') AS district, coalesce(p.level, 'unstated') AS level, p.height AS provider_height,
    q.height AS requester_height, coalesce(q.district, '') AS requester_district
FROM (
    SELECT
        entity_id AS id,
        state ->> '$.state' AS stage,
        state ->> '$.provider' AS provider,
        state ->> '$.requester' AS requester,
        coalesce(state ->> '$.purpose', '') AS purpose,
        CAST(state -> '$.resources' AS VARCHAR[]) AS resources,
        coalesce(state ->> '$.grant', '') AS grant_id,
        (state ->> '$.delivery.at') IS NOT NULL AS delivered,
        coalesce(json_array_length(state, '$.uses'), 0) AS use_count,
        {'table': 'catalog_changes', 'event_id': lower(hex(event_id)), 'day': day} AS evidence
    FROM (
        SELECT entity_id, arg_max(event_id, version) AS event_id, arg_max(day, version) AS day, arg_max(state, version) AS state
        FROM catalog_changes
        WHERE entity = 'demand' AND day <= $as_of::DATE
        GROUP BY entity_id
    )
) d
LEFT JOIN organisations p ON p.code = d.provider
LEFT JOIN organisations q ON q.code = d.requester
