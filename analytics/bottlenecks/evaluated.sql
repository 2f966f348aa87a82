-- Evaluations (好差评) of the period, and when a bad one was answered: one row a case.
--
-- $as_of, $since, $until   see waits.sql
WITH known AS NOT MATERIALIZED (
    SELECT * FROM cases WHERE known_at < $as_of AND "at" < $until
),
bundles AS (
    SELECT case_id, any_value(bundle) AS bundle FROM known
    WHERE event IN ('ApplicationSubmitted', 'CaseRequested') GROUP BY case_id
),
judged AS (
    -- A case is evaluated once; what came again later was refused.
    SELECT case_id, arg_min(stars, ("at", known_at)) AS stars, min("at") AS "at" FROM known
    WHERE event = 'CaseEvaluated' GROUP BY case_id
),
answered AS (
    SELECT case_id, min("at") AS answered_at FROM known WHERE event = 'RectificationAnswered' GROUP BY case_id
)
SELECT j.case_id, b.bundle, j.stars, epoch_us(j."at") AS "at",
    CASE WHEN a.answered_at >= j."at" THEN epoch_us(a.answered_at) END AS answered_at
FROM judged j JOIN bundles b USING (case_id) LEFT JOIN answered a USING (case_id)
WHERE j."at" >= $since AND j."at" < $until
ORDER BY j.case_id
