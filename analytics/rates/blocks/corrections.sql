-- 校核：截至该日的状态
SELECT
    entity_id AS id,
    state ->> '$.state' AS stage,
    {'table': 'catalog_changes', 'event_id': lower(hex(event_id)), 'day': day} AS evidence
FROM (
    SELECT entity_id, arg_max(event_id, version) AS event_id, arg_max(day, version) AS day, arg_max(state, version) AS state
    FROM catalog_changes
    WHERE entity = 'correction' AND day <= $as_of::DATE
    GROUP BY entity_id
)
