-- 到期的义务：期内办结的，和期末已逾期仍未办结的；失效的不计，没有法定时限而未办结的列出而不计
SELECT
    id, kind, about, about_id, department, district, level, extensions, suspended_days, evidence,
    term = '' AND ended_us IS NULL AS unstated,
    stage = 'fulfilled' AS in_time
FROM duties_standing
WHERE stage <> 'lapsed' AND coalesce(
    ended_us BETWEEN epoch_us($from::DATE::TIMESTAMPTZ) AND epoch_us(($as_of::DATE + 1)::TIMESTAMPTZ) - 1,
    breached_us IS NOT NULL OR due_us <= epoch_us(($as_of::DATE + 1)::TIMESTAMPTZ) OR term = ''
)
