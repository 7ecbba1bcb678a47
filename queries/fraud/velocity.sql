-- Cards that are used more often in ten minutes than people do: how many payments, how
-- much, and in how many countries, for windows that slide by a minute.
--
-- Payments come from the shops with up to two minutes of delay. An alert is given once,
-- when its window closes.
--
--   tidemark run -D most=3 -D input=payments.ndjson velocity.sql

CREATE STREAM payments (
  payment_id STRING,
  card       STRING,
  country    STRING,
  amount     DECIMAL(12,2),
  ts         TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '2' MINUTE
) WITH (path = '${input:-payments.ndjson}', format = 'ndjson');

CREATE VIEW alerts AS
SELECT
  card,
  window_start,
  window_end,
  COUNT(*) AS payments,
  SUM(amount) AS total,
  COUNT(DISTINCT country) AS countries
FROM payments
GROUP BY HOP(ts, INTERVAL '1' MINUTE, INTERVAL '10' MINUTE), card
HAVING COUNT(*) > ${most:-3} OR COUNT(DISTINCT country) > 1;

SELECT * FROM alerts;
