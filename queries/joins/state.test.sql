-- State is bounded by the interval, and a window over a join counts what the batch does.

LOAD 'interval.sql' WITH (within = 5);
CREATE VIEW minutes AS
SELECT window_start, COUNT(*) AS n
FROM (SELECT l.ts, l.k FROM l JOIN r WITHIN 5 SECONDS ON l.k = r.k) AS j
GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);

TEST 'a thousand rows a side, and never more than a few of them remembered';
INSERT INTO events FROM 'pairs.csv';
-- Six rows a side, in the join of the script and in that of the view, and one window.
EXPECT STATE <= 25 ROWS;
FINISH;
EXPECT minutes (n) = (
  SELECT COUNT(*)
  FROM l CROSS JOIN r
  WHERE l.k = r.k AND r.ts BETWEEN l.ts - INTERVAL '5' SECOND AND l.ts + INTERVAL '5' SECOND
  GROUP BY DATE_BIN(INTERVAL '1' MINUTE, l.ts)
);
