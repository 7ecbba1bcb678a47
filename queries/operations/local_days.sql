-- Orders a day in the local time of the shop: days of 23 and 25 hours where the clocks change.
--
--   tidemark run -D zone=Europe/Berlin -D input=orders.csv local_days.sql

CREATE STREAM orders (
  order_id STRING,
  amount   DECIMAL(12,2),
  ts       TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE
) WITH (path = '${input:-orders.csv}', format = 'csv');

CREATE VIEW days AS
SELECT window_start, window_end, COUNT(*) AS orders, SUM(amount) AS total
FROM orders
GROUP BY TUMBLE(ts AT TIME ZONE '${zone:-Europe/Berlin}', INTERVAL '1' DAY);

SELECT * FROM days;
