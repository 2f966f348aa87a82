-- What cases that ended in the period took from their applicants (四减): one row a case, as catalog.savings takes it.
--
-- $as_of, $since, $until   see waits.sql
WITH known AS NOT MATERIALIZED (
    SELECT * FROM cases WHERE known_at < $as_of AND "at" < $until
),
applied AS (
    SELECT
        case_id, min("at") AS accepted_at,
        any_value(bundle) AS bundle,
        any_value(body ->> '$.channel') AS channel,
        any_value(body ->> '$.delivery.means') AS delivery_means
    FROM known WHERE event = 'ApplicationSubmitted' GROUP BY case_id
),
verified AS (
    SELECT case_id, min("at") AS accepted_at, any_value(bundle) AS bundle FROM known
    WHERE event = 'CaseRequested' AND case_id NOT IN (SELECT case_id FROM applied) GROUP BY case_id
),
delivered AS (
    SELECT case_id, min("at") AS delivered_at FROM known
    WHERE event = 'CaseUpdated' AND status = 'delivered' GROUP BY case_id
),
reported AS (
    SELECT case_id, min("at") AS delivered_at FROM known
    WHERE event = 'ReportIssued' AND kind = 'report' GROUP BY case_id
),
supplements AS (
    SELECT DISTINCT case_id, event_id, "at", coalesce(json_array_length(body, '$.materials'), 0) AS brought FROM known
    WHERE event = 'ApplicationSupplemented'
),
pieces AS (
    -- A material that was supplied later takes the place of what was said of it at first.
    SELECT case_id, "at", event_id, unnest(json_extract(body, '$.materials[*]')) AS piece FROM known
    WHERE event IN ('ApplicationSubmitted', 'ApplicationSupplemented')
),
last_pieces AS (
    SELECT case_id, piece ->> '$.material' AS material, arg_max(piece ->> '$.means', ("at", event_id)) AS means
    FROM pieces GROUP BY ALL
),
brought AS (
    SELECT case_id, count(*) FILTER (means IN ('upload', 'paper')) AS materials FROM last_pieces GROUP BY case_id
),
paper_supplements AS (
    SELECT p.case_id, count(DISTINCT p.event_id) AS times
    FROM pieces p
    JOIN supplements s USING (case_id, event_id)
    JOIN last_pieces l ON l.case_id = p.case_id AND l.material = p.piece ->> '$.material' AND l.means = 'paper'
    GROUP BY p.case_id
),
supplemented AS (
    SELECT case_id, count(DISTINCT event_id) AS times FROM supplements GROUP BY case_id
),
paid AS (
    SELECT case_id, count(DISTINCT body ->> '$.payment_id') AS times FROM known
    WHERE event = 'PaymentConfirmed' GROUP BY case_id
),
handed_over AS (
    SELECT case_id, count(DISTINCT "at") AS times FROM known WHERE event = 'ResultsDelivered' GROUP BY case_id
),
stood AS (
    SELECT case_id, max(paused_us) AS paused_us FROM assignments GROUP BY case_id
)
SELECT
    a.case_id, a.bundle, a.channel,
    epoch_us(a.accepted_at) AS accepted_at,
    epoch_us(d.delivered_at) AS delivered_at,
    coalesce(t.paused_us, 0) AS paused_us,
    coalesce(s.times, 0) AS supplements,
    coalesce(r.times, 0) AS paper_supplements,
    coalesce(p.times, 0) AS payments,
    a.delivery_means,
    coalesce(h.times, 0) AS deliveries,
    coalesce(b.materials, 0) AS materials_brought
FROM applied a
JOIN delivered d USING (case_id)
LEFT JOIN supplemented s USING (case_id)
LEFT JOIN paper_supplements r USING (case_id)
LEFT JOIN paid p USING (case_id)
LEFT JOIN handed_over h USING (case_id)
LEFT JOIN brought b USING (case_id)
LEFT JOIN stood t USING (case_id)
WHERE d.delivered_at >= $since AND d.delivered_at < $until
UNION ALL
SELECT
    v.case_id, v.bundle, 'online', epoch_us(v.accepted_at), epoch_us(r.delivered_at), 0, 0, 0, 0, 'e-licence', 1, 0
FROM verified v JOIN reported r USING (case_id)
WHERE r.delivered_at >= $since AND r.delivered_at < $until
ORDER BY a.case_id
