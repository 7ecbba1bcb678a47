-- Late rows are kept: those that a closed window cannot take go to a file of their own,
-- with what they missed.
--
--   tidemark run side_output.sql
--   tidemark run -D late=/tmp/late.ndjson side_output.sql

CREATE STREAM clicks (
  event_id   STRING,
  user_id    STRING,
  event_time TIMESTAMP,
  amount     DECIMAL(12,2),
  WATERMARK FOR event_time AS event_time - INTERVAL '2' MINUTE
) WITH (connector = 'file', path = '../clicks/clicks.csv', format = 'csv');

CREATE STREAM late_clicks (
  event_id  STRING,
  user_id   STRING,
  amount    DECIMAL(12,2),
  missed_by STRING,
  reason    STRING
) WITH (connector = 'file', path = '${late:-late_clicks.ndjson}', format = 'json');

SELECT window_start, user_id, SUM(amount) AS sum_amount
FROM clicks
GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), user_id
LATE DATA TO late_clicks;
