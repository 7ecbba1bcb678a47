LOAD 'dedup.sql';

TEST 'the first of each id';
INSERT INTO events
VALUES
  ('e1', 'd1', 'on', '2026-01-05T10:00:00Z'),
  ('e2', 'd1', 'off', '2026-01-05T10:00:10Z'),
  ('e1', 'd1', 'on', '2026-01-05T10:00:00Z'),
  ('e2', 'd1', 'off', '2026-01-05T10:00:12Z');
FINISH;
EXPECT once
VALUES ('e1', 'd1', 'on', '2026-01-05T10:00:00Z'), ('e2', 'd1', 'off', '2026-01-05T10:00:10Z');

TEST 'the last state of each device, corrected as rows come';
INSERT INTO events
VALUES
  ('e1', 'd1', 'on', '2026-01-05T10:00:00Z'),
  ('e2', 'd1', 'off', '2026-01-05T10:00:10Z'),
  ('e3', 'd1', 'broken', '2026-01-05T10:00:05Z');
EXPECT latest VALUES ('d1', 'off', '2026-01-05T10:00:10Z');
EXPECT CHANGES latest (device, state)
VALUES ('+I', 'd1', 'on'), ('-U', 'd1', 'on'), ('+U', 'd1', 'off');
