-- The ways to make a watermark, over readings of sensors.
--
--   tidemark check generators.sql

CREATE STREAM bounded (
  id INT,
  ts TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH (connector = 'stdin', format = 'ndjson', bounded = FALSE);

CREATE STREAM ascending (
  id INT,
  ts TIMESTAMP,
  WATERMARK FOR ts AS ASCENDING
) WITH (path = '${input:-readings.csv}');

CREATE STREAM adaptive (
  id INT,
  ts TIMESTAMP,
  WATERMARK FOR ts AS ADAPTIVE(0.95, 1000)
) WITH (path = '${input:-readings.csv}');

CREATE STREAM punctuated (
  id   INT,
  ts   TIMESTAMP,
  last BOOLEAN,
  WATERMARK FOR ts AS PUNCTUATED WHEN last
) WITH (path = '${input:-readings.csv}');

CREATE STREAM perfect (
  id INT,
  ts TIMESTAMP,
  WATERMARK FOR ts AS PERFECT
) WITH (path = '${input:-readings.csv}');
