-- WHERE looks at rows when they have their session: what it leaves out has made the session all the same.

CREATE STREAM t (k STRING, v INT, ts TIMESTAMP, WATERMARK FOR ts AS ts);
CREATE VIEW kept AS SELECT window_start, window_end, k, COUNT(*) AS n
FROM SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '6' SECOND) WHERE v <> 5
GROUP BY window_start, window_end, k LATE DATA TO missed;
CREATE VIEW late_rows AS SELECT k, v, ts, missed_by, reason FROM missed;
CREATE VIEW listed AS SELECT window_start, window_end, k, v FROM SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '6' SECOND) WHERE v <> 5;
CREATE VIEW of_a AS SELECT window_start, window_end, k, COUNT(*) AS n
FROM SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '6' SECOND) WHERE k = 'a'
GROUP BY window_start, window_end, k ALLOWED LATENESS INTERVAL '1' MINUTE;

TEST 'a row that is left out joins the sessions on both sides of it';
INSERT INTO t VALUES ('a', 1, '2026-01-05T10:00:00Z'), ('a', 5, '2026-01-05T10:00:05Z'), ('a', 2, '2026-01-05T10:00:10Z'), ('b', 5, '2026-01-05T10:00:10Z');
FINISH;
EXPECT kept VALUES ('2026-01-05T10:00:00Z', '2026-01-05T10:00:16Z', 'a', 2);
EXPECT listed VALUES ('2026-01-05T10:00:00Z', '2026-01-05T10:00:16Z', 'a', 1), ('2026-01-05T10:00:00Z', '2026-01-05T10:00:16Z', 'a', 2);

TEST 'late rows are given away, and counted as often';
INSERT INTO t VALUES ('a', 1, '2026-01-05T10:00:00Z'), ('a', 9, '2026-01-05T10:01:00Z'), ('a', 8, '2026-01-05T10:00:05Z');
FINISH;
EXPECT kept VALUES ('2026-01-05T10:00:00Z', '2026-01-05T10:00:06Z', 'a', 1), ('2026-01-05T10:01:00Z', '2026-01-05T10:01:06Z', 'a', 1);
EXPECT late_rows VALUES ('a', 8, '2026-01-05T10:00:05Z', INTERVAL '49' SECOND, 'session_closed');

TEST 'a condition on what sessions are of leaves whole ones out, and lateness corrects';
INSERT INTO t VALUES ('a', 1, '2026-01-05T10:00:00Z'), ('b', 1, '2026-01-05T10:00:00Z'), ('a', 9, '2026-01-05T10:01:00Z'), ('a', 8, '2026-01-05T10:00:05Z');
FINISH;
EXPECT of_a VALUES ('2026-01-05T10:00:00Z', '2026-01-05T10:00:11Z', 'a', 2), ('2026-01-05T10:01:00Z', '2026-01-05T10:01:06Z', 'a', 1);
