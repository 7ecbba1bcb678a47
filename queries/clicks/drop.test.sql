-- Without a clause a closed window is gone: the late click is counted, not used.

LOAD 'drop.sql';

TEST 'the late click is reported and not used';
INSERT INTO clicks FROM 'clicks.csv';
EXPECT LATE clicks 1;
EXPECT WATERMARK OF clicks '2026-01-05T10:08:00Z';
EXPECT "query 1" VALUES ('2026-01-05T10:00:00Z', 'A', 7), ('2026-01-05T10:00:00Z', 'B', 3);
FINISH;
EXPECT CHANGES "query 1"
VALUES
  ('+I', '2026-01-05T10:00:00Z', 'A', 7),
  ('+I', '2026-01-05T10:00:00Z', 'B', 3),
  ('+I', '2026-01-05T10:05:00Z', 'A', 4),
  ('+I', '2026-01-05T10:05:00Z', 'B', 1),
  ('+I', '2026-01-05T10:10:00Z', 'B', 2);

TEST 'a window is half-open and closes at its end';
INSERT INTO clicks
VALUES ('a', 'A', '2026-01-05T10:05:00Z', 1), ('b', 'A', '2026-01-05T10:04:59.999999Z', 2);
ADVANCE WATERMARK TO '2026-01-05T10:04:59.999999Z';
EXPECT EMPTY "query 1";
ADVANCE WATERMARK TO '2026-01-05T10:05:00Z';
EXPECT "query 1" VALUES ('2026-01-05T10:00:00Z', 'A', 2);
INSERT INTO clicks
VALUES ('c', 'A', '2026-01-05T10:04:59.999999Z', 5), ('d', 'A', '2026-01-05T10:05:00Z', 5);
EXPECT LATE clicks 1;
FINISH;
EXPECT "query 1" VALUES ('2026-01-05T10:00:00Z', 'A', 2), ('2026-01-05T10:05:00Z', 'A', 6);

TEST 'one group for NULL, and exact sums';
INSERT INTO clicks
VALUES
  ('a', NULL, '2026-01-05T10:00:00Z', 0.1),
  ('b', NULL, '2026-01-05T10:00:01Z', 0.2),
  ('c', 'A', '2026-01-05T10:00:02Z', NULL);
FINISH;
EXPECT "query 1" VALUES ('2026-01-05T10:00:00Z', NULL, 0.30), ('2026-01-05T10:00:00Z', 'A', NULL);

TEST 'at most one window more than the delay covers is open';
INSERT INTO clicks FROM 'clicks.csv';
EXPECT STATE <= 3 ROWS;
