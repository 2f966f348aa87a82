-- How often each bundle, and each item of bundles, was asked for: one row a service.
--
-- $as_of              what the log knew before this instant
-- $since, $until      the period
-- $previous_since     the period before it begins here and ends where the period begins
-- $good_stars         so many stars or more are good
WITH asked AS (
    SELECT
        case_id,
        any_value(bundle) AS bundle,
        min("at") AS "at",
        bool_or(event = 'CaseRequested' OR body ->> '$.channel' = 'online') AS online
    FROM cases
    WHERE event IN ('ApplicationSubmitted', 'CaseRequested') AND known_at < $as_of AND "at" < $until
    GROUP BY case_id
    HAVING min("at") >= $previous_since
),
judged AS (
    SELECT case_id, arg_min(stars, ("at", known_at)) AS stars FROM cases
    WHERE event = 'CaseEvaluated' AND known_at < $as_of AND "at" < $until
    GROUP BY case_id
),
items AS (
    SELECT DISTINCT case_id, item FROM cases
    WHERE event = 'ItemDispatched' AND kind = 'item' AND item <> '' AND known_at < $as_of AND "at" < $until
),
services AS (
    SELECT 'bundle' AS kind, bundle AS code, case_id FROM asked
    UNION ALL
    SELECT 'item', item, case_id FROM items
)
SELECT
    s.kind, s.code,
    count(*) FILTER (a."at" >= $since) AS volume,
    count(*) FILTER (a."at" < $since) AS previous,
    count(*) FILTER (a."at" >= $since AND a.online) AS online,
    count(j.stars) FILTER (a."at" >= $since) AS evaluations,
    count(*) FILTER (a."at" >= $since AND j.stars >= $good_stars) AS good
FROM services s JOIN asked a USING (case_id) LEFT JOIN judged j USING (case_id)
GROUP BY s.kind, s.code
ORDER BY s.kind, s.code
