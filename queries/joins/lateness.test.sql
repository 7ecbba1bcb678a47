-- A late row is accepted while ts >= W - L; else it is not used, and pads nothing.

LOAD 'interval.sql' WITH (lateness = 3, kind = 'LEFT');

TEST 'below the watermark and not below W - L: it joins';
INSERT INTO events
VALUES
  ('L', 'k1', 1, '2026-01-05T00:01:40Z'),
  ('R', 'k1', 2, '2026-01-05T00:01:45Z'),
  ('L', 'k1', 3, '2026-01-05T00:01:43Z');
EXPECT CHANGES pairs (k, lv, rv) VALUES ('+I', 'k1', 1, 2), ('+I', 'k1', 3, 2);
EXPECT LATE events 0;

TEST 'the bound is inclusive, and below it a row is dropped and counted once';
INSERT INTO events
VALUES
  ('R', 'k9', 1, '2026-01-05T00:01:50Z'),
  ('L', 'k1', 2, '2026-01-05T00:01:47Z'),
  ('L', 'k1', 3, '2026-01-05T00:01:46.999999Z');
EXPECT LATE events 1;
FINISH;
EXPECT pairs (k, lv, rv) VALUES ('k1', 2, NULL);

TEST 'a miss waits for the lateness too';
INSERT INTO events VALUES ('L', 'k1', 1, '2026-01-05T00:01:40Z');
ADVANCE WATERMARK TO '2026-01-05T00:01:53Z';
EXPECT EMPTY pairs;
ADVANCE WATERMARK TO '2026-01-05T00:01:53.000001Z';
EXPECT pairs (k, lv, rv) VALUES ('k1', 1, NULL);
