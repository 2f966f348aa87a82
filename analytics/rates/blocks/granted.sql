-- 期内有授权的条目，和最近一项授权
SELECT code, max_by(evidence, evidence.day) AS evidence
FROM (SELECT unnest(resources) AS code, evidence FROM grants)
GROUP BY code
