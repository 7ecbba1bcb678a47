-- Orders and payments that come as one stream of events, joined by key when no more than
-- ${within:-10} seconds lie between them.
--
-- Both sides are views of one stream, so they share its watermark: a match is there at
-- once; a row without a partner is there when none can come any more. Rows that are late by
-- no more than ${lateness:-0} seconds join too.
--
--   tidemark run -D kind=LEFT -D input=events.csv -o changelog interval.sql

CREATE STREAM events (
  side STRING,
  k    STRING,
  v    INT,
  ts   TIMESTAMP,
  WATERMARK FOR ts AS ASCENDING
) WITH (path = '${input:-events.csv}', format = 'csv');

CREATE VIEW l AS SELECT k, v, ts FROM events WHERE side = 'L';
CREATE VIEW r AS SELECT k, v, ts FROM events WHERE side = 'R';

CREATE VIEW pairs AS
SELECT l.k, l.v AS lv, r.v AS rv, r.k AS rk
FROM l ${kind:-INNER}
  JOIN r WITHIN INTERVAL '${within:-10}' SECOND
    ON l.k = r.k
    ALLOWED LATENESS INTERVAL '${lateness:-0}' SECOND;

SELECT * FROM pairs;
