-- Requests a minute, with the change against the minute before and the average of the last
-- five: what a dashboard shows as a trend.
--
--   tidemark run -D input=requests.csv trends.sql

CREATE STREAM requests (
  path STRING,
  ms   INT,
  ts   TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH (path = '${input:-requests.csv}', format = 'csv');

CREATE VIEW minutes AS
SELECT window_start, window_time, path, COUNT(*) AS n
FROM requests
GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE), path;

CREATE VIEW trend AS
SELECT
  window_start,
  path,
  n,
  n - LAG(n) OVER w AS change,
  AVG(n) OVER (w ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS average
FROM minutes
WINDOW w AS (PARTITION BY path ORDER BY window_time);

SELECT * FROM trend;
