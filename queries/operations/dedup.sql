-- Events that a broker may deliver twice, each once: the first of each id within a day.
-- And the last state of each device.
--
--   tidemark run -D input=events.ndjson dedup.sql

CREATE STREAM events (
  id     STRING,
  device STRING,
  state  STRING,
  ts     TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE
) WITH (path = '${input:-events.ndjson}', format = 'ndjson');

CREATE VIEW once AS
SELECT id, device, state, ts
FROM events
QUALIFY ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts) = 1;

CREATE VIEW latest AS
SELECT device, state, ts
FROM events
QUALIFY ROW_NUMBER() OVER (PARTITION BY device ORDER BY ts DESC) = 1;

SELECT * FROM once;
