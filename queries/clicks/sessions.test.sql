-- A late click between two sessions that were emitted merges them.

LOAD 'sessions.sql';

TEST 'a bridge deletes both sessions and inserts the merged one';
INSERT INTO clicks
VALUES ('a', 'A', '2026-01-05T10:00:00Z', 1), ('b', 'A', '2026-01-05T10:04:00Z', 2);
ADVANCE WATERMARK TO '2026-01-05T10:07:00.000001Z';
EXPECT CHANGES sessions
VALUES
  ('+I', 'A', '2026-01-05T10:00:00Z', '2026-01-05T10:03:00Z', 1, 1),
  ('+I', 'A', '2026-01-05T10:04:00Z', '2026-01-05T10:07:00Z', 1, 2);
INSERT INTO clicks VALUES ('c', 'A', '2026-01-05T10:02:00Z', 4);
EXPECT CHANGES sessions
VALUES
  ('-D', 'A', '2026-01-05T10:00:00Z', '2026-01-05T10:03:00Z', 1, 1),
  ('-D', 'A', '2026-01-05T10:04:00Z'),
  ('+I', 'A', '2026-01-05T10:00:00Z', '2026-01-05T10:07:00Z', 3, 7);
EXPECT sessions VALUES ('A', '2026-01-05T10:00:00Z', '2026-01-05T10:07:00Z', 3, 7);

TEST 'a row exactly a gap later joins';
INSERT INTO clicks
VALUES
  ('a', 'A', '2026-01-05T10:00:00Z', 1),
  ('b', 'A', '2026-01-05T10:03:00Z', 2),
  ('c', 'A', '2026-01-05T10:06:00.000001Z', 4);
FINISH;
EXPECT sessions (clicks, total) VALUES (2, 3), (1, 4);

TEST 'the clicks of the file';
INSERT INTO clicks FROM 'clicks.csv';
FINISH;
EXPECT sessions (user_id, clicks, total)
VALUES ('A', 3, 8), ('A', 1, 4), ('B', 1, 3), ('B', 1, 1), ('B', 1, 2);
EXPECT LATE clicks 0;
