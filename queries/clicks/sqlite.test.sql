-- The keyed table holds the corrected sums, however often the rows come again.

LOAD 'sqlite.sql';

TEST 'the table keeps the last row of each key';
INSERT INTO clicks FROM 'clicks.csv';
FINISH;
EXPECT window_agg
VALUES
  ('2026-01-05T10:00:00Z', 'A', 8),
  ('2026-01-05T10:00:00Z', 'B', 3),
  ('2026-01-05T10:05:00Z', 'A', 4),
  ('2026-01-05T10:05:00Z', 'B', 1),
  ('2026-01-05T10:10:00Z', 'B', 2);

TEST 'twice the same input doubles the sums and not the rows';
INSERT INTO clicks VALUES ('e1', 'A', '2026-01-05T10:00:00Z', 5);
INSERT INTO clicks VALUES ('e1', 'A', '2026-01-05T10:00:00Z', 5);
FINISH;
EXPECT window_agg VALUES ('2026-01-05T10:00:00Z', 'A', 10);
