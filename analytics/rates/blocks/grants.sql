-- 由共享需求而来、期内有效的授权；平台自身的常设授权不计
SELECT
    entity_id AS id,
    CAST(state -> '$.resources' AS VARCHAR[]) AS resources,
    {'table': 'catalog_changes', 'event_id': lower(hex(event_id)), 'day': day} AS evidence
FROM (
    SELECT entity_id, arg_max(event_id, version) AS event_id, arg_max(day, version) AS day, arg_max(state, version) AS state
    FROM catalog_changes
    WHERE entity = 'grant' AND day <= $as_of::DATE
    GROUP BY entity_id
)
WHERE coalesce(state ->> '$.demand', '') <> ''
    AND CAST(state ->> '$.since' AS BIGINT) < epoch_us(($as_of::DATE + 1)::TIMESTAMPTZ)
    AND CAST(state ->> '$.until' AS BIGINT) > epoch_us($from::DATE::TIMESTAMPTZ)
    AND coalesce(CAST(state ->> '$.ended_at' AS BIGINT), 9223372036854775807) > epoch_us($from::DATE::TIMESTAMPTZ)
