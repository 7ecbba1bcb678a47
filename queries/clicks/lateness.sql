-- The clicks of drop.sql, with late clicks allowed for some minutes more.
--
-- With three minutes, click e7 is just in time to correct the window it belongs
-- to: the old row is taken back (-U) and the new one follows (+U). With two it
-- is late by one minute too many.
--
--   tidemark run lateness.sql
--   tidemark run -o changelog lateness.sql
--   tidemark run -o changelog -D lateness=2 lateness.sql

CREATE STREAM clicks (
  event_id   STRING,
  user_id    STRING,
  event_time TIMESTAMP,
  amount     DECIMAL(12,2),
  WATERMARK FOR event_time AS event_time - INTERVAL '2' MINUTE
) WITH (connector = 'file', path = '${input:-clicks.csv}', format = '${format:-csv}');

SELECT window_start, user_id, SUM(amount) AS sum_amount
FROM clicks
GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), user_id
ALLOWED LATENESS INTERVAL '${lateness:-3}' MINUTE;
