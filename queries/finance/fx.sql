-- Orders in the currency of the books, each by the rate that was valid when it was made: the
-- last one at or before it, whichever comes first.
--
--   tidemark run -D orders=orders.csv -D rates=rates.csv fx.sql

CREATE STREAM orders (
  order_id STRING,
  currency STRING,
  amount   DECIMAL(12,2),
  ts       TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '10' SECOND
) WITH (path = '${orders:-orders.csv}', format = 'csv');

CREATE STREAM rates (
  currency STRING,
  rate     DECIMAL(9,4),
  ts       TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '10' SECOND
) WITH (path = '${rates:-rates.csv}', format = 'csv');

CREATE VIEW converted AS
SELECT o.order_id, o.ts, o.amount, r.rate, CAST(o.amount * r.rate AS DECIMAL(12,2)) AS euros
FROM orders o ASOF LEFT JOIN rates r ON o.currency = r.currency AND r.ts <= o.ts;

SELECT * FROM converted;
