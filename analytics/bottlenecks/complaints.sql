-- Complaints of hotlines as they stand, each with what it is linked to and by what: one row a complaint.
--
-- $as_of       what the log knew before this instant
-- $until       what happened before this instant
-- $link_days   a department's work counts as what a complaint may be about until so many days after its end
--
-- link: case, item or department: as the hotline stated it, what handling found before what was taken down;
-- inferred: only department and time are stated, and at that time the department had work on one item only (and on
-- one case, where a case is named); none: nothing was stated. Of several candidates none is chosen.
WITH known AS (
    SELECT * FROM complaints WHERE known_at < $as_of AND coalesce(received_at, closed_at) < $until
),
received AS (
    SELECT
        complaint_id,
        arg_max(hex(event_id), (known_at, "offset")) AS event_id,
        arg_max(channel, (known_at, "offset")) AS channel,
        arg_max(category, (known_at, "offset")) AS category,
        arg_max(body ->> '$.kind', (known_at, "offset")) AS kind,
        arg_max({c: case_id, i: item, b: bundle, d: department}, (known_at, "offset")) AS stated,
        arg_max({district: district}, (known_at, "offset")).district AS district,
        arg_max(received_at, (known_at, "offset")) AS received_at,
        bool_or(body ->> '$.made_up' = 'true') AS made_up
    FROM known WHERE event = 'HotlineComplaintReceived'
    GROUP BY complaint_id
),
closed AS (
    SELECT
        complaint_id,
        arg_max(hex(event_id), (known_at, "offset")) AS event_id,
        arg_max({c: case_id, i: item, b: bundle, d: department}, (known_at, "offset")) AS found,
        arg_max(body ->> '$.outcome', (known_at, "offset")) AS outcome,
        arg_max({s: body ->> '$.satisfied'}, (known_at, "offset")).s = 'true' AS satisfied,
        arg_max(closed_at, (known_at, "offset")) AS closed_at
    FROM known WHERE event = 'HotlineComplaintClosed'
    GROUP BY complaint_id
),
stated AS (
    SELECT
        r.complaint_id, r.channel, r.category, r.kind, r.district, r.received_at, r.made_up,
        c.outcome, c.satisfied, c.closed_at,
        coalesce(c.found.c, r.stated.c) AS case_id,
        coalesce(c.found.i, r.stated.i) AS item,
        coalesce(c.found.b, r.stated.b) AS bundle,
        coalesce(c.found.d, r.stated.d) AS department,
        list_filter([r.event_id, c.event_id], lambda x: x IS NOT NULL) AS evidence
    FROM received r LEFT JOIN closed c USING (complaint_id)
),
bundle_of_case AS (
    SELECT case_id, any_value(bundle) AS bundle FROM cases
    WHERE bundle IS NOT NULL AND known_at < $as_of GROUP BY case_id
),
candidates AS (
    SELECT
        s.complaint_id,
        count(DISTINCT a.case_id) AS case_count,
        count(DISTINCT (a.bundle, a.item, a.number)) AS item_count,
        any_value(a.case_id) AS case_id,
        any_value(a.item) AS item,
        any_value(a.bundle) AS bundle
    FROM stated s JOIN assignments a ON a.department = s.department
        AND a.dispatched_at <= s.received_at
        AND (a.ended_at IS NULL OR a.ended_at + to_days($link_days::INTEGER) >= s.received_at)
    WHERE s.case_id IS NULL AND s.item IS NULL AND s.bundle IS NULL
    GROUP BY s.complaint_id
)
SELECT
    s.complaint_id, s.channel, s.category, s.kind, s.district, s.received_at, s.made_up,
    s.outcome, s.satisfied, s.closed_at, s.evidence, s.department,
    CASE WHEN c.item_count = 1 AND c.case_count = 1 THEN c.case_id ELSE s.case_id END AS case_id,
    CASE WHEN c.item_count = 1 THEN nullif(c.item, '') ELSE s.item END AS item,
    CASE WHEN c.item_count = 1 THEN c.bundle ELSE coalesce(s.bundle, b.bundle) END AS bundle,
    CASE
        WHEN s.case_id IS NOT NULL THEN 'case'
        WHEN s.item IS NOT NULL OR s.bundle IS NOT NULL THEN 'item'
        WHEN c.item_count = 1 THEN 'inferred'
        WHEN s.department IS NOT NULL THEN 'department'
        ELSE 'none'
    END AS link,
    coalesce(c.case_count, 0) AS candidates
FROM stated s
LEFT JOIN bundle_of_case b ON b.case_id = s.case_id
LEFT JOIN candidates c ON c.complaint_id = s.complaint_id
ORDER BY s.received_at DESC, s.complaint_id
