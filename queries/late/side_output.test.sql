-- What is late reaches the other stream, once, in the order of arrival, whatever crashes.

LOAD 'side_output.sql';

TEST 'the late click is in the file and not in the sums';
INSERT INTO clicks FROM '../clicks/clicks.csv';
EXPECT CHANGES late_clicks VALUES ('+I', 'e7', 'A', 1, 'PT3M', 'window_closed');
EXPECT LATE clicks 1;
FINISH;
EXPECT "query 1" (user_id, sum_amount) VALUES ('A', 7), ('B', 3), ('A', 4), ('B', 1), ('B', 2);

TEST 'late rows around a checkpoint and a crash';
INSERT INTO clicks
VALUES
  ('a', 'A', '2026-01-05T10:00:00Z', 1),
  ('b', 'A', '2026-01-05T10:07:00Z', 2),
  ('c', 'A', '2026-01-05T10:01:00Z', 4);
CHECKPOINT;
INSERT INTO clicks VALUES ('d', 'B', '2026-01-05T10:02:00Z', 8);
CRASH;
INSERT INTO clicks
VALUES ('e', 'B', '2026-01-05T10:04:59.999999Z', 16), ('f', 'B', '2026-01-05T10:05:00Z', 32);
FINISH;
EXPECT CHANGES late_clicks
VALUES
  ('+I', 'c', 'A', 4, 'PT0S', 'window_closed'),
  ('+I', 'd', 'B', 8, 'PT0S', 'window_closed'),
  ('+I', 'e', 'B', 16, 'PT0S', 'window_closed');
EXPECT LATE clicks 3;
EXPECT "query 1" (user_id, sum_amount) VALUES ('A', 1), ('A', 2), ('B', 32);
