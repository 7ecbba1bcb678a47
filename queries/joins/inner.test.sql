-- Matches come at once, and the interval is inclusive.

LOAD 'interval.sql';

TEST 'a match is there at once, not at the close';
INSERT INTO events VALUES ('L', 'k1', 1, '2026-01-05T00:01:40Z');
EXPECT EMPTY pairs;
INSERT INTO events VALUES ('R', 'k1', 2, '2026-01-05T00:01:45Z');
EXPECT CHANGES pairs (k, lv, rv) VALUES ('+I', 'k1', 1, 2);

TEST 'the bound is inclusive';
INSERT INTO events
VALUES ('L', 'k1', 1, '2026-01-05T00:01:40Z'), ('R', 'k1', 2, '2026-01-05T00:01:50Z');
EXPECT pairs (k, lv, rv) VALUES ('k1', 1, 2);

TEST 'a second more is too much';
INSERT INTO events
VALUES ('L', 'k1', 1, '2026-01-05T00:01:40Z'), ('R', 'k1', 2, '2026-01-05T00:01:51Z');
FINISH;
EXPECT EMPTY pairs;

TEST 'NULL keys match nothing';
INSERT INTO events
VALUES ('L', NULL, 1, '2026-01-05T00:01:40Z'), ('R', NULL, 2, '2026-01-05T00:01:41Z');
FINISH;
EXPECT EMPTY pairs;

TEST 'every pair of a key comes once';
INSERT INTO events
VALUES
  ('L', 'k', 1, '2026-01-05T00:01:40Z'),
  ('L', 'k', 2, '2026-01-05T00:01:41Z'),
  ('R', 'k', 3, '2026-01-05T00:01:42Z'),
  ('R', 'k', 4, '2026-01-05T00:01:50Z'),
  ('R', 'k', 5, '2026-01-05T00:01:51Z');
EXPECT CHANGES pairs (lv, rv)
VALUES ('+I', 1, 3), ('+I', 2, 3), ('+I', 1, 4), ('+I', 2, 4), ('+I', 2, 5);
EXPECT pairs (lv, rv) = (
  SELECT a.v, b.v
  FROM l a CROSS JOIN r b
  WHERE a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '10' SECOND AND a.ts + INTERVAL '10' SECOND
);
