-- Hourly counts that are published once and never corrected, and beside them what came too
-- late for them: so that a report of the night can add it.
--
--   tidemark run -D input=readings.csv reconcile.sql

CREATE STREAM readings (
  meter STRING,
  kwh   DECIMAL(9,3),
  ts    TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '10' MINUTE
) WITH (path = '${input:-readings.csv}', format = 'csv');

CREATE TABLE hourly (
  meter STRING,
  hour  TIMESTAMP,
  kwh   DECIMAL(38,3),
  PRIMARY KEY (meter, hour)
) WITH (connector = 'sqlite', path = '${db:-energy.db}');

INSERT INTO hourly
SELECT meter, window_start, SUM(kwh)
FROM readings
GROUP BY TUMBLE(ts, INTERVAL '1' HOUR), meter
LATE DATA TO too_late;

-- What each published hour lacks.
CREATE VIEW missing AS
SELECT meter, window_start AS hour, SUM(kwh) AS kwh, COUNT(*) AS readings
FROM too_late
GROUP BY meter, window_start;
