-- Clicks summed per user over windows of five minutes.
--
-- A window closes when the watermark, two minutes behind the latest click,
-- reaches its end. Click e7 comes after that: it is late, counted as late, and
-- not used.
--
--   tidemark run drop.sql
--   tidemark run -o changelog drop.sql
--   tidemark run -D input=clicks.ndjson -D format=json drop.sql
--   tidemark run -D input=- -D format=csv drop.sql < clicks.csv

CREATE STREAM clicks (
  event_id   STRING,
  user_id    STRING,
  event_time TIMESTAMP,
  amount     DECIMAL(12,2),
  WATERMARK FOR event_time AS event_time - INTERVAL '2' MINUTE
) WITH (connector = 'file', path = '${input:-clicks.csv}', format = '${format:-csv}');

SELECT window_start, user_id, SUM(amount) AS sum_amount
FROM clicks
GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), user_id;
