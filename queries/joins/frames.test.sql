CREATE STREAM clicks (card STRING, ts TIMESTAMP, page STRING, WATERMARK FOR ts AS ts);
CREATE STREAM pays (card STRING, at TIMESTAMP, amount INT, WATERMARK FOR at AS at);
CREATE VIEW features AS
SELECT card AS c, at, SUM(amount * 2) OVER (PARTITION BY card ORDER BY at RANGE INTERVAL '10' SECOND PRECEDING) AS total FROM pays WHERE amount > 0;
CREATE VIEW known AS SELECT page, total FROM clicks LEFT JOIN features FOR SYSTEM_TIME AS OF clicks.ts ON card = c
ALLOWED LATENESS INTERVAL '2' SECOND LATE DATA TO missed;
CREATE VIEW late_rows AS SELECT card, page, amount, ts, at, late_by, reason FROM missed;

TEST 'rows of both sides that no frame has any more are given away with their columns';
INSERT INTO pays VALUES ('a', '2026-01-05T10:00:00Z', 1), ('a', '2026-01-05T10:00:30Z', 2);
INSERT INTO clicks VALUES ('a', '2026-01-05T10:00:05Z', 'p1'), ('a', '2026-01-05T10:00:30Z', 'p2');
INSERT INTO clicks VALUES ('a', '2026-01-05T10:00:28Z', 'in time'), ('a', '2026-01-05T10:00:27Z', 'late');
INSERT INTO pays VALUES ('a', '2026-01-05T10:00:18Z', 4), ('a', '2026-01-05T10:00:17Z', 5), ('a', '2026-01-05T10:00:17Z', 0);
FINISH;
EXPECT known VALUES ('p1', 2), ('in time', 8), ('p2', 4);
EXPECT late_rows VALUES
  ('a', 'late', NULL, '2026-01-05T10:00:27Z', NULL, INTERVAL '3' SECOND, 'left_row_passed'),
  ('a', NULL, 5, NULL, '2026-01-05T10:00:17Z', INTERVAL '13' SECOND, 'right_row_passed');
EXPECT LATE pays 2;
