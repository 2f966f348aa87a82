-- What departments were given to do for items of cases, and what became of it: one row an assignment of an item
-- (kind item), or a question that only the department could answer (kind check, 核查任务).
--
-- $as_of           what the log knew before this instant
-- $until           what happened before this instant; an assignment that was open then is open here
-- $calendar_days   days of China, one after the other
-- $working_until   beside each of them: how many working days there were until it, itself included, from the first on
-- $check_keys      bundle/check of every check that the catalogue knows
-- $check_items     beside each of them: its item's code
--
-- Ends are the department's own word (after its review where one is due), what the hub told supervision of the item,
-- or the end of the case, whichever came first. A check ends when the department's people or system, or after all the
-- hub, answered it; nothing else ends it, so what nobody answers stays open beyond its time. A clock stands while the applicant is asked for something, while the
-- department or the lead lets the work rest; it stands once where two of these overlap.
WITH RECURSIVE known AS NOT MATERIALIZED (
    SELECT * FROM cases WHERE known_at < $as_of AND "at" < $until
),
calendar AS (
    SELECT unnest($calendar_days::DATE[]) AS day, unnest($working_until::BIGINT[]) AS working_until
),
dispatched AS (
    SELECT
        assignment_id,
        any_value(case_id) AS case_id,
        any_value(bundle) AS bundle,
        any_value(item) AS item,
        any_value(number) AS number,
        any_value(department) AS department,
        min("at") AS dispatched_at,
        any_value(due_at) AS stated_due_at,
        bool_or(body ->> '$.handled_and_reviewed' = 'true') AS reviewed,
        bool_or(body ->> '$.joint' = 'true') AS joint,
        any_value(hex(event_id)) AS dispatched_by
    FROM known WHERE event = 'ItemDispatched' AND kind = 'item'
    GROUP BY assignment_id
),
case_ends AS (
    SELECT case_id, min("at") AS ended_at FROM known
    WHERE event = 'CaseUpdated' AND status IN ('delivered', 'refused', 'withdrawn')
    GROUP BY case_id
),
acts AS (
    SELECT DISTINCT d.assignment_id, d.case_id, d.number, k.event_id, k."at", k.decision, k.body
    FROM known k JOIN dispatched d USING (assignment_id, department)
    WHERE k.event = 'ItemHandled' AND k."at" >= d.dispatched_at
),
reviews AS (
    SELECT DISTINCT d.assignment_id, k.event_id, k."at", k.body ->> '$.approved' = 'true' AS approved
    FROM known k JOIN dispatched d USING (assignment_id, department)
    WHERE k.event = 'ItemReviewed' AND k."at" >= d.dispatched_at
),
proposals AS (
    SELECT assignment_id, "at", decision FROM acts WHERE decision IN ('approve', 'refuse')
),
own_words AS (
    SELECT a.assignment_id, a."at", a.decision
    FROM acts a JOIN dispatched d USING (assignment_id)
    WHERE a.decision IN ('pass-on', 'return') OR (a.decision IN ('approve', 'refuse') AND NOT d.reviewed)
    UNION ALL
    SELECT r.assignment_id, r."at", p.decision
    FROM reviews r ASOF JOIN proposals p ON p.assignment_id = r.assignment_id AND p."at" <= r."at"
    WHERE r.approved
),
own_ends AS (
    SELECT assignment_id, min("at") AS ended_at, arg_min(decision, "at") AS decision FROM own_words
    GROUP BY assignment_id
),
supervised AS (
    SELECT d.assignment_id, min(k."at") AS ended_at, arg_min(k.decision, k."at") AS decision
    FROM dispatched d JOIN known k ON k.case_id = d.case_id AND k.number = d.number
    WHERE k.event = 'ApprovalSynchronised' AND k."at" >= d.dispatched_at
        AND (k.decision = 'refuse' OR NOT d.joint OR k.department IN (d.department, 'hub'))
    GROUP BY d.assignment_id
),
ends AS (
    SELECT
        d.assignment_id,
        least(o.ended_at, s.ended_at, c.ended_at) AS ended_at,
        CASE
            WHEN o.ended_at = least(o.ended_at, s.ended_at, c.ended_at) THEN o.decision
            WHEN s.ended_at = least(s.ended_at, c.ended_at) THEN s.decision
            WHEN c.ended_at IS NOT NULL THEN 'closed'
        END AS outcome
    FROM dispatched d
    LEFT JOIN own_ends o USING (assignment_id)
    LEFT JOIN supervised s USING (assignment_id)
    LEFT JOIN case_ends c ON c.case_id = d.case_id AND c.ended_at >= d.dispatched_at
),
asked AS (
    SELECT
        a.assignment_id, a.case_id, a.number, a.event_id, a."at" AS since,
        unnest(CAST(json_extract(a.body, '$.missing') AS VARCHAR[])) AS material
    FROM acts a WHERE a.decision = 'supplement'
),
supplied AS (
    SELECT DISTINCT case_id, "at", unnest(json_extract_string(body, '$.materials[*].material')) AS material
    FROM known WHERE event = 'ApplicationSupplemented'
    UNION ALL
    -- A form is sealed and leaves no trace in the lake; a supplement without a material was one.
    SELECT DISTINCT case_id, "at", 'form' FROM known
    WHERE event = 'ApplicationSupplemented' AND coalesce(json_array_length(body, '$.materials'), 0) = 0
),
supplied_first AS (
    SELECT a.assignment_id, a.case_id, a.number, a.event_id, a.since, a.material, min(s."at") AS "at"
    FROM asked a LEFT JOIN supplied s
        ON s.case_id = a.case_id AND s.material = a.material AND s."at" >= a.since
    GROUP BY ALL
),
supplements AS (
    SELECT
        assignment_id, case_id, number, since,
        CASE WHEN count("at") = count(*) THEN max("at") END AS until
    FROM supplied_first GROUP BY assignment_id, case_id, number, event_id, since
),
rests AS (
    SELECT a.assignment_id, a."at" AS since, min(r."at") AS until
    FROM acts a LEFT JOIN acts r
        ON r.assignment_id = a.assignment_id AND r.decision = 'resume' AND r."at" >= a."at"
    WHERE a.decision = 'suspend'
    GROUP BY a.assignment_id, a."at"
),
case_rests AS (
    SELECT s.case_id, s."at" AS since, min(r."at") AS until
    FROM known s LEFT JOIN known r
        ON r.case_id = s.case_id AND r.event = 'CaseResumed' AND r."at" >= s."at"
    WHERE s.event = 'CaseSuspended'
    GROUP BY s.case_id, s."at"
),
handed_on AS (
    SELECT d.assignment_id, any_value(a.assignment_id ORDER BY a.assignment_id) AS given_up
    FROM dispatched d JOIN acts a
        ON a.case_id = d.case_id AND a.number = d.number AND a."at" = d.dispatched_at
        AND a.assignment_id <> d.assignment_id
        AND (a.decision = 'return' OR (a.decision = 'pass-on' AND a.body ->> '$.pass_on_to' = d.department))
    GROUP BY d.assignment_id
),
chains AS (
    SELECT assignment_id, assignment_id AS first_id FROM dispatched
    WHERE assignment_id NOT IN (SELECT assignment_id FROM handed_on)
    UNION
    SELECT h.assignment_id, c.first_id FROM handed_on h JOIN chains c ON c.assignment_id = h.given_up
),
pauses AS (
    -- What was asked for by a department that then handed the item on is awaited by the next one, too.
    SELECT c.assignment_id, p.since, p.until
    FROM supplements p JOIN chains o ON o.assignment_id = p.assignment_id JOIN chains c ON c.first_id = o.first_id
    UNION ALL
    SELECT assignment_id, since, until FROM rests
    UNION ALL
    SELECT d.assignment_id, p.since, p.until FROM dispatched d JOIN case_rests p ON p.case_id = d.case_id
),
clipped AS (
    SELECT
        d.assignment_id,
        greatest(p.since, d.dispatched_at) AS since,
        least(coalesce(p.until, $until), coalesce(e.ended_at, $until)) AS until
    FROM pauses p JOIN dispatched d USING (assignment_id) JOIN ends e USING (assignment_id)
),
apart AS (
    SELECT
        assignment_id, since, until,
        max(until) OVER (
            PARTITION BY assignment_id ORDER BY since, until
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS earlier
    FROM clipped WHERE until > since
),
stood AS (
    SELECT
        assignment_id,
        sum(greatest(0, epoch_us(until) - epoch_us(greatest(since, coalesce(earlier, since)))))::BIGINT AS paused_us
    FROM apart GROUP BY assignment_id
),
check_items AS (
    SELECT unnest($check_keys::VARCHAR[]) AS check_key, unnest($check_items::VARCHAR[]) AS item
),
tasks AS (
    SELECT
        assignment_id,
        any_value(case_id) AS case_id,
        any_value(bundle) AS bundle,
        any_value(body ->> '$.check_id') AS check_id,
        any_value(body ->> '$.subject') AS subject,
        any_value(department) AS department,
        min("at") AS dispatched_at,
        any_value(due_at) AS stated_due_at,
        bool_or(body ->> '$.handled_and_reviewed' = 'true') AS reviewed,
        any_value(hex(event_id)) AS dispatched_by
    FROM known WHERE event = 'TaskAssigned' GROUP BY assignment_id
),
task_acts AS (
    SELECT DISTINCT t.assignment_id, k.event_id, k."at"
    FROM known k JOIN tasks t USING (assignment_id, department)
    WHERE k.event = 'TaskHandled' AND k."at" >= t.dispatched_at
),
task_reviews AS (
    SELECT DISTINCT t.assignment_id, k.event_id, k."at", k.body ->> '$.approved' = 'true' AS approved
    FROM known k JOIN tasks t USING (assignment_id, department)
    WHERE k.event = 'TaskReviewed' AND k."at" >= t.dispatched_at
),
checks_answered AS (
    SELECT case_id, "at", body ->> '$.answered_by' AS answered_by, unnest(json_extract(body, '$.answers[*]')) AS answer
    FROM known WHERE event = 'ChecksAnswered' AND case_id IN (SELECT case_id FROM tasks)
),
task_words AS (
    SELECT a.assignment_id, a."at" FROM task_acts a JOIN tasks t USING (assignment_id) WHERE NOT t.reviewed
    UNION ALL
    SELECT r.assignment_id, r."at" FROM task_reviews r
    WHERE r.approved AND EXISTS (
        SELECT 1 FROM task_acts a WHERE a.assignment_id = r.assignment_id AND a."at" <= r."at"
    )
    UNION ALL
    SELECT t.assignment_id, c."at" FROM tasks t JOIN checks_answered c ON c.case_id = t.case_id
        AND c.answer ->> '$.check_id' = t.check_id
        AND c.answer ->> '$.department' = t.department
        AND c.answer ->> '$.subject' = t.subject
    WHERE c."at" >= t.dispatched_at AND (
        c.answered_by = t.department
        OR (c.answered_by = 'hub' AND c.answer ->> '$.answer' NOT IN ('source-behind', 'unavailable'))
    )
),
task_ends AS (
    SELECT assignment_id, min("at") AS ended_at FROM task_words GROUP BY assignment_id
),
counted AS (
    SELECT
        d.assignment_id, 'item' AS kind, d.case_id, d.bundle, d.item, d.number, d.department,
        d.dispatched_by, d.dispatched_at, d.stated_due_at,
        e.ended_at,
        coalesce(e.outcome, 'open') AS outcome,
        coalesce(p.paused_us, 0) AS paused_us,
        coalesce(e.ended_at, $until) AS seen_until,
        (SELECT min("at") FROM acts a WHERE a.assignment_id = d.assignment_id) AS first_act_at,
        (SELECT count(DISTINCT event_id) FROM acts a
            WHERE a.assignment_id = d.assignment_id AND a.decision = 'supplement') AS supplements,
        (SELECT count(DISTINCT event_id) FROM reviews r
            WHERE r.assignment_id = d.assignment_id AND NOT r.approved) AS reviews_returned
    FROM dispatched d JOIN ends e USING (assignment_id) LEFT JOIN stood p USING (assignment_id)
    UNION ALL
    SELECT
        t.assignment_id, 'check', t.case_id, t.bundle, coalesce(i.item, ''), 0, t.department,
        t.dispatched_by, t.dispatched_at, t.stated_due_at,
        e.ended_at,
        CASE WHEN e.ended_at IS NULL THEN 'open' ELSE 'answered' END,
        0,
        coalesce(e.ended_at, $until),
        (SELECT min("at") FROM task_acts a WHERE a.assignment_id = t.assignment_id),
        0,
        (SELECT count(DISTINCT event_id) FROM task_reviews r
            WHERE r.assignment_id = t.assignment_id AND NOT r.approved)
    FROM tasks t LEFT JOIN task_ends e USING (assignment_id)
    LEFT JOIN check_items i ON i.check_key = t.bundle || '/' || t.check_id
),
timed AS (
    SELECT
        *,
        greatest(dispatched_at, seen_until - to_microseconds(paused_us)) AS running_until,
        epoch_us(seen_until) - epoch_us(dispatched_at) - paused_us AS handling_us,
        greatest(0, epoch_us(least(coalesce(first_act_at, seen_until), seen_until)) - epoch_us(dispatched_at))
            AS waiting_us,
        stated_due_at + to_microseconds(paused_us) AS due_at
    FROM counted
)
SELECT
    t.assignment_id, t.kind, t.case_id, t.bundle, t.item, t.number, t.department, t.dispatched_by,
    t.dispatched_at, t.first_act_at, t.ended_at, t.outcome, t.due_at,
    t.waiting_us, t.handling_us, t.paused_us,
    greatest(0, u.working_until - f.working_until) AS handling_working_days,
    t.due_at IS NOT NULL AND t.seen_until > t.due_at AS overdue,
    t.supplements, t.reviews_returned
FROM timed t
JOIN calendar f ON f.day = (t.dispatched_at AT TIME ZONE 'Asia/Shanghai')::DATE
JOIN calendar u ON u.day = ((t.running_until - INTERVAL 1 MICROSECOND) AT TIME ZONE 'Asia/Shanghai')::DATE
ORDER BY t.assignment_id
