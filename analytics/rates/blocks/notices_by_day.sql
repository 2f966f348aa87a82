-- rollup: cases
-- 政策告知：每日、每件
SELECT
    day, case_id, min(event_id) AS event_id,
    min(regexp_extract(body ->> '$.text', '^【(.+?)】', 1)) AS policy_name,
    bool_or(body ->> '$.text' LIKE '%提交前还需%') AS more_asked
FROM cases
WHERE event = 'CaseNotified' AND kind = 'policy'
GROUP BY day, case_id
