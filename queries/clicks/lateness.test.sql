-- Three minutes after its end a window may still be corrected; the bound is inclusive.

LOAD 'lateness.sql' WITH (lateness = 3);

TEST 'the late click corrects its window';
INSERT INTO clicks FROM 'clicks.csv';
EXPECT LATE clicks 0;
EXPECT CHANGES "query 1"
VALUES
  ('+I', '2026-01-05T10:00:00Z', 'A', 7),
  ('+I', '2026-01-05T10:00:00Z', 'B', 3),
  ('-U', '2026-01-05T10:00:00Z', 'A', 7),
  ('+U', '2026-01-05T10:00:00Z', 'A', 8);
FINISH;
EXPECT CHANGES "query 1"
VALUES
  ('+I', '2026-01-05T10:05:00Z', 'A', 4),
  ('+I', '2026-01-05T10:05:00Z', 'B', 1),
  ('+I', '2026-01-05T10:10:00Z', 'B', 2);
EXPECT "query 1" (user_id, sum_amount) = (
  SELECT user_id, SUM(amount)
  FROM clicks
  GROUP BY DATE_BIN(INTERVAL '5' MINUTE, event_time), user_id
);

TEST 'the bound is inclusive';
INSERT INTO clicks VALUES ('a', 'A', '2026-01-05T10:00:00Z', 1);
ADVANCE WATERMARK TO '2026-01-05T10:08:00Z';
INSERT INTO clicks VALUES ('b', 'A', '2026-01-05T10:00:00Z', 2);
EXPECT LATE clicks 0;
ADVANCE WATERMARK TO '2026-01-05T10:08:00.000001Z';
INSERT INTO clicks VALUES ('c', 'A', '2026-01-05T10:00:00Z', 4);
EXPECT LATE clicks 1;
EXPECT "query 1" VALUES ('2026-01-05T10:00:00Z', 'A', 3);
EXPECT STATE <= 0 ROWS;

TEST 'a late first row of a group is inserted';
INSERT INTO clicks VALUES ('a', 'A', '2026-01-05T10:00:00Z', 1);
ADVANCE WATERMARK TO '2026-01-05T10:05:00Z';
INSERT INTO clicks VALUES ('b', 'B', '2026-01-05T10:00:00Z', 2);
EXPECT CHANGES "query 1"
VALUES ('+I', '2026-01-05T10:00:00Z', 'A', 1), ('+I', '2026-01-05T10:00:00Z', 'B', 2);

TEST 'a crash between the clicks leaves the same rows';
INSERT INTO clicks
VALUES ('e1', 'A', '2026-01-05T10:00:00Z', 5), ('e2', 'B', '2026-01-05T10:02:00Z', 3);
CHECKPOINT;
INSERT INTO clicks VALUES ('e6', 'B', '2026-01-05T10:10:00Z', 2);
CRASH;
INSERT INTO clicks VALUES ('e7', 'A', '2026-01-05T10:01:00Z', 1);
CRASH;
EXPECT CHANGES "query 1"
VALUES
  ('+I', '2026-01-05T10:00:00Z', 'A', 5),
  ('+I', '2026-01-05T10:00:00Z', 'B', 3),
  ('-U', '2026-01-05T10:00:00Z', 'A', 5),
  ('+U', '2026-01-05T10:00:00Z', 'A', 6);
