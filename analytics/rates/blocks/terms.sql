-- 到期的义务：期内办结的，和期末已逾期仍未办结的；失效的不计，没有法定时限的列出而不计
SELECT
    id, kind, about, about_id, department, district, level, stage, extensions, suspended_days, evidence,
    term = '' AND ended_us IS NULL AS unstated,
    stage = 'fulfilled' AS in_time
FROM duties_standing
WHERE stage <> 'lapsed' AND (
    (
        stage IN ('fulfilled', 'fulfilled-late')
        AND ended_us >= epoch_us($from::DATE::TIMESTAMPTZ)
        AND ended_us < epoch_us(($as_of::DATE + 1)::TIMESTAMPTZ)
    )
    OR (ended_us IS NULL AND (breached_us IS NOT NULL OR due_us <= epoch_us(($as_of::DATE + 1)::TIMESTAMPTZ)))
    OR (ended_us IS NULL AND term = '')
)
