-- A training set for a model of fraud: for each payment that was looked into, what was
-- known of its card at that moment, and nothing of what came later.
--
-- The features are a view of frames that end at each payment. FOR SYSTEM_TIME AS OF
-- evaluates the same frames at the time of each label, so that what a model learns from is
-- what it will be asked with: a day of silence has no payments in its last hour.
--
--   tidemark run -D payments=payments.ndjson -D labels=labels.ndjson training.sql

CREATE STREAM payments (
  payment_id STRING,
  card       STRING,
  country    STRING,
  amount     DECIMAL(12,2),
  status     STRING,
  ts         TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '2' MINUTE
) WITH (path = '${payments:-payments.ndjson}', format = 'ndjson');

CREATE STREAM labels (
  card  STRING,
  ts    TIMESTAMP,
  fraud BOOLEAN,
  WATERMARK FOR ts AS ts - INTERVAL '2' MINUTE
) WITH (path = '${labels:-labels.ndjson}', format = 'ndjson');

CREATE VIEW features AS
SELECT
  card,
  ts,
  COUNT(*) OVER hour AS payments_1h,
  SUM(amount) OVER hour AS amount_1h,
  COUNT(*) OVER day AS payments_1d,
  AVG(amount) OVER day AS mean_1d,
  MAX(amount) OVER day AS most_1d,
  COUNT(DISTINCT country) OVER day AS countries_1d,
  LAST_VALUE(country) OVER month AS last_country,
  COUNT(*) OVER month AS payments_30d
FROM payments
WHERE status <> 'refused'
WINDOW
  hour AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW),
  day AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW),
  month AS (PARTITION BY card ORDER BY ts RANGE BETWEEN INTERVAL '30' DAY PRECEDING AND CURRENT ROW);

CREATE VIEW training AS
SELECT
  l.card,
  l.ts,
  payments_1h,
  amount_1h,
  payments_1d,
  mean_1d,
  most_1d,
  countries_1d,
  last_country,
  payments_30d,
  fraud
FROM labels l JOIN features FOR SYSTEM_TIME AS OF l.ts AS f ON l.card = f.card;

SELECT * FROM training;
