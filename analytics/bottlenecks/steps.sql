-- When each item of a case that ended in the period was settled: one row an item of a case, as the hub told it.
--
-- $as_of, $since, $until   see waits.sql; cases that were delivered, and verifications with their first report, in it
WITH known AS NOT MATERIALIZED (
    SELECT * FROM cases WHERE known_at < $as_of AND "at" < $until
),
begun AS (
    SELECT case_id, any_value(bundle) AS bundle, min("at") AS began_at FROM known
    WHERE event IN ('ApplicationSubmitted', 'CaseRequested') GROUP BY case_id
),
handled AS (
    SELECT DISTINCT case_id FROM known WHERE event = 'ApplicationSubmitted'
),
delivered AS (
    -- A report ends a verification; an application ends when its results were handed over.
    SELECT case_id, min("at") AS ended_at FROM known
    WHERE event = 'CaseUpdated' AND status = 'delivered' AND case_id IN (SELECT case_id FROM handled) GROUP BY case_id
    UNION ALL
    SELECT case_id, min("at") FROM known
    WHERE event = 'ReportIssued' AND kind = 'report' AND case_id NOT IN (SELECT case_id FROM handled) GROUP BY case_id
),
told AS (
    SELECT
        case_id, "at",
        unnest(json_extract_string(body, '$.lines[*].check_id')) AS item_id,
        unnest(json_extract_string(body, '$.lines[*].answer')) AS state
    FROM known WHERE event = 'CaseUpdated'
),
settled AS (
    SELECT t.case_id, t.item_id, max(t."at") AS settled_at
    FROM told t JOIN delivered d ON d.case_id = t.case_id AND t."at" <= d.ended_at
    WHERE t.state NOT IN (
        'waiting', 'open', 'checking', 'handled', 'supplementing', 'suspended', 'paying', 'not-applicable'
    )
    GROUP BY t.case_id, t.item_id
)
SELECT b.bundle, d.case_id, epoch_us(b.began_at) AS began_at, epoch_us(d.ended_at) AS ended_at,
    s.item_id, epoch_us(s.settled_at) AS settled_at
FROM delivered d JOIN begun b USING (case_id) JOIN settled s USING (case_id)
WHERE d.ended_at >= $since AND d.ended_at < $until
ORDER BY d.case_id, s.item_id
