-- 覆盖声明连同核对结果
SELECT
    c.resource, c.complete_until, c.message_count, c.source_total, f.messages AS found, f.records AS living,
    c.message_count = f.messages AS counts_agree,
    c.source_total IS NULL OR c.source_total = f.records AS totals_agree,
    {'table': 'coverages', 'event_id': lower(hex(c.event_id)), 'day': c.day} AS evidence
FROM coverage_newest c JOIN coverage_found f ON f.event_id = c.event_id
