-- A row that finds no partner is there when none can come any more, and not before; never
-- a miss and then a match for the same row.

LOAD 'interval.sql' WITH (kind = 'FULL');
CREATE VIEW misses AS SELECT l.k, r.k AS rk FROM l LEFT JOIN r WITHIN 10 SECONDS ON l.k = r.k;

TEST 'a miss waits until the watermark is past the last possible partner';
INSERT INTO events VALUES ('L', 'k1', 1, '2026-01-05T00:01:40Z');
ADVANCE WATERMARK TO '2026-01-05T00:01:50Z';
EXPECT EMPTY misses;
ADVANCE WATERMARK TO '2026-01-05T00:01:50.000001Z';
EXPECT CHANGES misses VALUES ('+I', 'k1', NULL);

TEST 'to advance to a time not after the watermark changes nothing';
INSERT INTO events VALUES ('L', 'k1', 1, '2026-01-05T00:01:40Z');
ADVANCE WATERMARK TO '2026-01-05T00:01:45Z';
ADVANCE WATERMARK TO '2026-01-05T00:01:30Z';
EXPECT WATERMARK OF events '2026-01-05T00:01:45Z';
EXPECT EMPTY misses;

TEST 'both misses, once each';
INSERT INTO events
VALUES ('L', 'k1', 1, '2026-01-05T00:01:40Z'), ('R', 'k2', 2, '2026-01-05T00:01:40Z');
ADVANCE WATERMARK TO '2026-01-05T00:03:20Z';
EXPECT CHANGES pairs VALUES ('+I', 'k1', 1, NULL, NULL), ('+I', NULL, NULL, 2, 'k2');
FINISH;
EXPECT NO CHANGES pairs;

TEST 'a row that matched is never a miss';
INSERT INTO events
VALUES ('L', 'k1', 1, '2026-01-05T00:01:40Z'), ('R', 'k1', 2, '2026-01-05T00:01:50Z');
FINISH;
EXPECT CHANGES pairs VALUES ('+I', 'k1', 1, 2, 'k1');
EXPECT misses VALUES ('k1', 'k1');
