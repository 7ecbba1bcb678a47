-- Sessions of each user into a SQLite table: clicks no more than three minutes
-- apart are one.
--
-- Click e7 comes late and lies between two sessions that have closed already. Their
-- rows are deleted, and that of the one session they have become takes their place.
--
--   tidemark run sessions.sql && sqlite3 sessions.db 'SELECT * FROM sessions'
--   tidemark run -D lateness=4 sessions.sql

CREATE STREAM clicks (
  event_id   STRING,
  user_id    STRING,
  event_time TIMESTAMP,
  amount     DECIMAL(12,2),
  WATERMARK FOR event_time AS event_time - INTERVAL '2' MINUTE
) WITH (connector = 'file', path = '${input:-clicks.csv}', format = '${format:-csv}');

CREATE TABLE sessions (
  user_id      STRING,
  window_start TIMESTAMP,
  window_end   TIMESTAMP,
  clicks       BIGINT,
  total        DECIMAL(12,2),
  PRIMARY KEY (user_id, window_start)
) WITH (connector = 'sqlite', path = '${db:-sessions.db}');

INSERT INTO sessions
SELECT user_id, window_start, window_end, COUNT(*) AS clicks, SUM(amount) AS total
FROM clicks
GROUP BY SESSION(event_time, INTERVAL '${gap:-3}' MINUTE), user_id
ALLOWED LATENESS INTERVAL '${lateness:-5}' MINUTE;
