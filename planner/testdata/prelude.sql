CREATE STREAM clicks (
  event_id   STRING,
  user_id    STRING,
  event_time TIMESTAMP,
  page       STRING,
  amount     DECIMAL(12,2),
  clicks     BIGINT,
  WATERMARK FOR event_time AS event_time - INTERVAL '2' MINUTE
) WITH (connector = 'file', path = 'clicks.csv');

CREATE STREAM plain (ts TIMESTAMP, name STRING, n INT) WITH (path = 'plain.csv');

CREATE STREAM mixed ("Id" INT, "ID" INT, value STRING, "odd name" DOUBLE, flag BOOLEAN, day DATE, raw BYTES) WITH (path = 'mixed.csv');

CREATE TABLE totals (
  window_start TIMESTAMP, user_id STRING, total DECIMAL(12,2),
  PRIMARY KEY (window_start, user_id)
) WITH (connector = 'sqlite', path = 'totals.db');

CREATE TABLE by_user (user_id STRING PRIMARY KEY, total DECIMAL(12,2), n BIGINT NOT NULL)
WITH (connector = 'sqlite', path = 'totals.db');

CREATE STREAM lines (window_start TIMESTAMP, user_id STRING, total DECIMAL(12,2)) WITH (path = 'lines.csv');

CREATE STREAM history (user_id STRING, total DECIMAL(12,2)) WITH (path = 'history.json', format = 'changelog-json');

CREATE SOURCE incoming (a INT) WITH (path = 'in.csv');

CREATE SINK outgoing (a INT) WITH (path = 'out.csv');

CREATE VIEW per_minute AS
SELECT window_start, window_end, window_time, user_id AS who, SUM(amount) AS total
FROM clicks
GROUP BY TUMBLE(event_time, INTERVAL '1' MINUTE), user_id;

CREATE VIEW pages AS SELECT event_time AS at, lower(page) AS page, amount FROM clicks WHERE page IS NOT NULL;
