-- One input, of which left and right rows are views, so that they share a watermark: the
-- greatest time so far. Rows match within 10 seconds.
CREATE STREAM rows_in (side STRING, k STRING, v INT, ts TIMESTAMP, WATERMARK FOR ts AS ts);
CREATE VIEW l AS SELECT k, v, ts FROM rows_in WHERE side = 'L';
CREATE VIEW r AS SELECT k, v, ts FROM rows_in WHERE side = 'R';
CREATE VIEW joined AS SELECT l.k, l.v, r.v AS w FROM l JOIN r WITHIN INTERVAL '10' SECOND ON l.k = r.k;
CREATE VIEW lefts AS SELECT l.k, l.v, r.v AS w FROM l LEFT JOIN r WITHIN INTERVAL '10' SECOND ON l.k = r.k;
CREATE VIEW alls AS SELECT l.k, l.v, r.v AS w FROM l FULL JOIN r WITHIN INTERVAL '10' SECOND ON l.k = r.k;
CREATE VIEW late3 AS SELECT l.k, l.v, r.v AS w FROM l JOIN r WITHIN INTERVAL '10' SECOND ON l.k = r.k ALLOWED LATENESS INTERVAL '3' SECOND;

TEST 'a match comes at once, and not when the watermark has passed it';
INSERT INTO rows_in VALUES ('L', 'k1', 1, '1970-01-01T00:01:40Z'), ('R', 'k1', 2, '1970-01-01T00:01:45Z');
EXPECT CHANGES joined VALUES ('+I', 'k1', 1, 2);

TEST 'the bound belongs to it';
INSERT INTO rows_in VALUES ('L', 'k1', 1, '1970-01-01T00:01:40Z'), ('R', 'k1', 2, '1970-01-01T00:01:50Z');
EXPECT joined VALUES ('k1', 1, 2);

TEST 'and nothing beyond it';
INSERT INTO rows_in VALUES ('L', 'k1', 1, '1970-01-01T00:01:40Z'), ('R', 'k1', 2, '1970-01-01T00:01:51Z');
EXPECT EMPTY joined;

TEST 'a row without a match comes when none can come any more';
INSERT INTO rows_in VALUES ('L', 'k1', 1, '1970-01-01T00:01:40Z');
ADVANCE WATERMARK FOR rows_in TO '1970-01-01T00:01:50Z';
EXPECT EMPTY lefts;
ADVANCE WATERMARK FOR rows_in TO '1970-01-01T00:01:50.000001Z';
EXPECT CHANGES lefts VALUES ('+I', 'k1', 1, NULL);

TEST 'a row behind the watermark is joined within the lateness';
INSERT INTO rows_in VALUES ('L', 'k1', 1, '1970-01-01T00:01:40Z'), ('R', 'k1', 2, '1970-01-01T00:01:45Z'), ('L', 'k1', 3, '1970-01-01T00:01:43Z');
EXPECT late3 VALUES ('k1', 1, 2), ('k1', 3, 2);
EXPECT joined VALUES ('k1', 1, 2);

TEST 'both misses come once each';
INSERT INTO rows_in VALUES ('L', 'k1', 1, '1970-01-01T00:01:40Z'), ('R', 'k2', 2, '1970-01-01T00:01:40Z');
ADVANCE WATERMARK FOR rows_in TO '1970-01-01T00:03:20Z';
EXPECT CHANGES alls VALUES ('+I', 'k1', 1, NULL), ('+I', NULL, NULL, 2);
FINISH;
EXPECT alls VALUES ('k1', 1, NULL), (NULL, NULL, 2);

TEST 'no row is without a match and then has one';
INSERT INTO rows_in VALUES ('L', 'k1', 1, '1970-01-01T00:01:40Z'), ('R', 'k1', 2, '1970-01-01T00:01:45Z');
CHECKPOINT;
CRASH;
FINISH;
EXPECT CHANGES alls VALUES ('+I', 'k1', 1, 2);
