-- Windows by the time at which rows come: they close by the clock.
CREATE STREAM m (v INT, p AS PROCTIME());
CREATE VIEW n AS SELECT window_start, COUNT(*) AS n, SUM(v) AS s FROM m GROUP BY TUMBLE(p, INTERVAL '1' MINUTE);
