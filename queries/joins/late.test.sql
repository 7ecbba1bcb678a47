CREATE STREAM rows_in (side STRING, k STRING, v INT, ts TIMESTAMP, WATERMARK FOR ts AS ts);
CREATE VIEW l AS SELECT k, v, ts FROM rows_in WHERE side = 'L';
CREATE VIEW r AS SELECT k, v, ts FROM rows_in WHERE side = 'R';
CREATE VIEW joined AS SELECT l.k, l.v, r.v AS w FROM l JOIN r WITHIN INTERVAL '10' SECOND ON l.k = r.k ALLOWED LATENESS INTERVAL '2' SECOND;

TEST 'a row beyond the lateness is counted, once';
INSERT INTO rows_in VALUES ('R', 'k9', 1, '1970-01-01T00:01:50Z'), ('L', 'k1', 2, '1970-01-01T00:01:47Z');
FINISH;
EXPECT EMPTY joined;
EXPECT LATE rows_in 1;
