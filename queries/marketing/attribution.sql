-- Each order with the clicks on campaigns of the hour before it, the last one first; and
-- orders that no click led to.
--
--   tidemark run -D clicks=clicks.csv -D orders=orders.csv attribution.sql

CREATE STREAM clicks (
  user_id  STRING,
  campaign STRING,
  ts       TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '5' MINUTE
) WITH (path = '${clicks:-clicks.csv}', format = 'csv');

CREATE STREAM orders (
  order_id STRING,
  user_id  STRING,
  amount   DECIMAL(12,2),
  ts       TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '5' MINUTE
) WITH (path = '${orders:-orders.csv}', format = 'csv');

-- Every click that counts: linear attribution gives each its share.
CREATE VIEW touched AS
SELECT o.order_id, o.amount, c.campaign, c.ts AS clicked, o.ts
FROM orders o LEFT JOIN clicks c WITHIN (1 HOUR, 0 SECONDS) ON o.user_id = c.user_id;

-- The last click before the order, one row for each order.
CREATE VIEW last_click AS
SELECT o.order_id, o.amount, c.campaign
FROM orders o
  ASOF LEFT JOIN clicks c ON o.user_id = c.user_id AND c.ts <= o.ts TOLERANCE INTERVAL '1' HOUR;

SELECT * FROM last_click;
