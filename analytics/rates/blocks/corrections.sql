-- 校核：截至该日的状态
SELECT
    entity_id AS id,
    state ->> '$.state' AS stage,
    {'table': 'catalog_changes', 'event_id': lower(hex(event_id)), 'day': day} AS evidence
FROM (
    SELECT entity_id, event_id, day, state
    FROM catalog_changes
    WHERE entity = 'correction' AND day <= $as_of::DATE
    QUALIFY row_number() OVER (PARTITION BY entity_id ORDER BY version DESC, event_id DESC) = 1
)
