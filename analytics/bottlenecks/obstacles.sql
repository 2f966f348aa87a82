-- What stood in the way of answering from data alone: one row an obstacle of a case that began in the period.
--
-- $as_of, $since, $until   see waits.sql
-- cause: source-behind | unavailable (the hub's last word on a part) | timed-out (no word by the deadline) |
--        brought (a material on paper or uploaded)
WITH known AS NOT MATERIALIZED (
    SELECT * FROM cases WHERE known_at < $as_of AND "at" < $until
),
begun AS (
    SELECT case_id, any_value(bundle) AS bundle, min("at") AS began_at FROM known
    WHERE event IN ('ApplicationSubmitted', 'CaseRequested') GROUP BY case_id
    HAVING min("at") >= $since
),
answers AS (
    SELECT case_id, "at", hex(event_id) AS event_id, unnest(json_extract(body, '$.answers[*]')) AS answer FROM known
    WHERE event = 'ChecksAnswered' AND body ->> '$.answered_by' = 'hub'
),
last_words AS (
    SELECT
        case_id,
        answer ->> '$.check_id' AS check_id,
        answer ->> '$.department' AS department,
        answer ->> '$.subject' AS subject,
        arg_max(answer ->> '$.answer', ("at", event_id)) AS word,
        arg_max(answer -> '$.coverage', ("at", event_id))::VARCHAR AS coverage,
        max("at") AS "at",
        arg_max(event_id, ("at", event_id)) AS event_id
    FROM answers GROUP BY ALL
),
asked AS (
    SELECT case_id, hex(event_id) AS event_id, due_at, unnest(json_extract(body, '$.parts[*]')) AS part FROM known
    WHERE event = 'ChecksRequested'
),
unanswered AS (
    SELECT a.case_id, a.part ->> '$.check_id' AS check_id, a.part ->> '$.department' AS department,
        a.due_at AS "at", a.event_id
    FROM asked a LEFT JOIN last_words w
        ON w.case_id = a.case_id AND w.check_id = a.part ->> '$.check_id'
        AND w.department = a.part ->> '$.department' AND w.subject = a.part ->> '$.subject'
        AND (a.due_at IS NULL OR w."at" <= a.due_at)
    WHERE w.case_id IS NULL AND a.due_at < $until
),
materials AS (
    SELECT case_id, "at", hex(event_id) AS event_id, unnest(json_extract(body, '$.materials[*]')) AS material
    FROM known WHERE event IN ('ApplicationSubmitted', 'ApplicationSupplemented')
),
obstacles AS (
    SELECT case_id, word AS cause, check_id AS name, department, coverage, "at", event_id FROM last_words
    WHERE word IN ('source-behind', 'unavailable')
    UNION ALL
    SELECT case_id, 'timed-out', check_id, department, '[]', "at", event_id FROM unanswered
    UNION ALL
    SELECT case_id, 'brought', material ->> '$.material', '', '[]', "at", event_id FROM materials
    WHERE material ->> '$.means' IN ('paper', 'upload')
)
SELECT b.bundle, b.case_id, o.cause, o.name, o.department, o.coverage, epoch_us(o."at") AS at_us, o.event_id
FROM begun b LEFT JOIN obstacles o USING (case_id)
ORDER BY b.case_id, o.cause, o.name, o.department, o.event_id
