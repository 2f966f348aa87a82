-- 区县：行政区划代码（GB/T 2260）和机构代码前缀
SELECT * FROM (VALUES
    ('610102', 'xincheng'), ('610103', 'beilin'), ('610104', 'lianhu'), ('610111', 'baqiao'), ('610112', 'weiyang'),
    ('610113', 'yanta'), ('610114', 'yanliang'), ('610115', 'lintong'), ('610116', 'changan'), ('610117', 'gaoling'),
    ('610118', 'huyi'), ('610122', 'lantian'), ('610124', 'zhouzhi')
) AS d (region, district)
