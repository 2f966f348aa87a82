-- 需要核对的覆盖声明：每一资源最新的一份
SELECT * FROM coverage_newest
