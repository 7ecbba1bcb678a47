-- Tickets that nobody has answered within their time: told of when it is up, once, and not
-- of those that were answered.
--
--   tidemark run -D minutes=15 -D input=tickets.csv sla.sql

CREATE STREAM events (
  ticket STRING,
  what   STRING,
  ts     TIMESTAMP,
  WATERMARK FOR ts AS ts - INTERVAL '30' SECOND
) WITH (path = '${input:-tickets.csv}', format = 'csv');

CREATE VIEW opened AS SELECT ticket, ts FROM events WHERE what = 'opened';
CREATE VIEW answered AS SELECT ticket, ts FROM events WHERE what = 'answered';

CREATE VIEW missed AS
SELECT o.ticket, o.ts AS opened
FROM opened o ANTI JOIN answered a WITHIN (0 SECONDS, ${minutes:-15} MINUTES) ON o.ticket = a.ticket;

SELECT * FROM missed;
