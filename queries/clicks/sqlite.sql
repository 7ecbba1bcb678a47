-- The clicks of lateness.sql into a SQLite table, which is created if need be.
--
-- The table is keyed, so that a correction replaces the row it corrects, and a
-- second run, or one after a crash, leaves the same rows.
--
--   tidemark run sqlite.sql && sqlite3 agg.db 'SELECT * FROM window_agg'

CREATE STREAM clicks (
  event_id   STRING,
  user_id    STRING,
  event_time TIMESTAMP,
  amount     DECIMAL(12,2),
  WATERMARK FOR event_time AS event_time - INTERVAL '2' MINUTE
) WITH (connector = 'file', path = '${input:-clicks.csv}', format = '${format:-csv}');

CREATE TABLE window_agg (
  window_start TIMESTAMP,
  user_id      STRING,
  sum_amount   DECIMAL(12,2),
  PRIMARY KEY (window_start, user_id)
) WITH (connector = 'sqlite', path = '${db:-agg.db}');

INSERT INTO window_agg
SELECT window_start, user_id, SUM(amount) AS sum_amount
FROM clicks
GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), user_id
ALLOWED LATENESS INTERVAL '${lateness:-3}' MINUTE;
