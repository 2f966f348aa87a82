-- 期内的申请，每件一次
SELECT *, {'table': 'cases', 'event_id': lower(hex(event_id)), 'day': day} AS evidence
FROM applications_by_day
WHERE day BETWEEN $from::DATE AND $as_of::DATE
QUALIFY row_number() OVER (PARTITION BY case_id ORDER BY day, event_id) = 1
