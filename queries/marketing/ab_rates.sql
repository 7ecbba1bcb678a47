-- Conversion rates of an A/B test, hour by hour: how many of the people who saw a variant
-- bought within half an hour.
--
--   tidemark run -D input=events.csv ab_rates.sql

CREATE STREAM events (
  user_id STRING,
  variant STRING,
  what    STRING,
  ts      TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE
) WITH (path = '${input:-events.csv}', format = 'csv');

CREATE VIEW seen AS SELECT user_id, variant, ts FROM events WHERE what = 'seen';
CREATE VIEW bought AS SELECT user_id, ts FROM events WHERE what = 'bought';

CREATE VIEW outcomes AS
SELECT s.variant, s.user_id, s.ts, b.user_id IS NOT NULL AS converted
FROM seen s LEFT JOIN bought b WITHIN (0 SECONDS, 30 MINUTES) ON s.user_id = b.user_id;

CREATE VIEW rates AS
SELECT
  window_start,
  variant,
  COUNT(DISTINCT user_id) AS people,
  COUNT(DISTINCT user_id) FILTER (WHERE converted) AS converted,
  CAST(COUNT(DISTINCT user_id) FILTER (WHERE converted) AS DOUBLE)
    / COUNT(DISTINCT user_id) AS rate
FROM outcomes
GROUP BY TUMBLE(ts, INTERVAL '1' HOUR), variant;

SELECT * FROM rates;
