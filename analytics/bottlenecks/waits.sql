-- Where cases wait: one row a department, item, item of a department (key: code/item) or bundle ($by), the longest wait first.
--
-- $since, $until   the period: assignments that ended in it, and those that were open when it was over
-- $bad_stars       so many stars or fewer are a bad evaluation
-- $grievances      kinds of complaint by which somebody says that they are dissatisfied
WITH chosen AS (
    SELECT *, CASE $by
            WHEN 'department' THEN department WHEN 'item' THEN item
            WHEN 'department-item' THEN department || '/' || item ELSE bundle
        END AS key
    FROM assignments WHERE ended_at IS NULL OR (ended_at >= $since AND ended_at < $until)
),
judged AS (
    SELECT case_id, arg_min(stars, ("at", known_at)) AS stars FROM cases
    WHERE event = 'CaseEvaluated' AND known_at < $as_of AND "at" >= $since AND "at" < $until
    GROUP BY case_id
),
parts AS (
    SELECT DISTINCT
        CASE $by
            WHEN 'department' THEN department WHEN 'item' THEN item
            WHEN 'department-item' THEN department || '/' || item ELSE bundle
        END AS key, case_id
    FROM assignments
),
evaluated AS (
    SELECT
        key, count(*) AS evaluations,
        count(*) FILTER (stars <= $bad_stars) AS bad,
        list(case_id ORDER BY case_id) FILTER (stars <= $bad_stars) AS bad_cases
    FROM parts JOIN judged USING (case_id) GROUP BY key
),
complained AS (
    SELECT
        CASE $by
            WHEN 'department' THEN department WHEN 'item' THEN item
            WHEN 'department-item' THEN department || '/' || item ELSE bundle
        END AS key,
        count(*) AS complaints,
        count(*) FILTER (link = 'inferred') AS inferred
    FROM complaint_links
    WHERE list_contains($grievances::VARCHAR[], kind) AND received_at >= $since AND received_at < $until
    GROUP BY key
),
figures AS (
    SELECT
        key,
        count(*) FILTER (ended_at IS NOT NULL) AS ended,
        count(*) FILTER (ended_at IS NULL) AS open,
        count(DISTINCT case_id) AS cases,
        quantile_cont(waiting_us, [0.5, 0.9, 0.99]) AS waiting_us,
        quantile_cont(handling_us, [0.5, 0.9, 0.99]) FILTER (ended_at IS NOT NULL) AS handling_us,
        quantile_cont(handling_working_days, [0.5, 0.9, 0.99]) FILTER (ended_at IS NOT NULL) AS working_days,
        count(*) FILTER (due_at IS NOT NULL) AS with_limit,
        count(*) FILTER (overdue) AS overdue,
        sum(supplements)::BIGINT AS supplements,
        count(*) FILTER (outcome IN ('pass-on', 'return')) AS passed_on,
        count(*) FILTER (outcome = 'refuse') AS refused,
        sum(reviews_returned)::BIGINT AS reviews_returned
    FROM chosen GROUP BY key
)
SELECT
    f.*,
    coalesce(e.evaluations, 0) AS evaluations,
    coalesce(e.bad, 0) AS bad,
    coalesce(e.bad_cases, []) AS bad_cases,
    coalesce(c.complaints, 0) AS complaints,
    coalesce(c.inferred, 0) AS complaints_inferred
FROM figures f LEFT JOIN evaluated e USING (key) LEFT JOIN complained c USING (key)
ORDER BY f.handling_us[2] DESC NULLS LAST, f.waiting_us[2] DESC, f.key
