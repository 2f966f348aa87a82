-- 目录条目连同其维度：提供方、区县与开发区、层级、类、主题
SELECT r.*, coalesce(o.district, '') AS district
FROM resources r LEFT JOIN organisations o ON o.code = r.provider
