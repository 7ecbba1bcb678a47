-- Nexmark q8. Monitor new users: who has joined and begun an auction in the same ten seconds.
CREATE STREAM person (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

CREATE STREAM auction (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT p.id, p.name, p.window_start
FROM (
  SELECT id, name, window_start, window_end
  FROM TABLE(TUMBLE(TABLE person, DESCRIPTOR(dateTime), INTERVAL '10' SECOND))
  GROUP BY id, name, window_start, window_end
) AS p JOIN (
  SELECT seller, window_start, window_end
  FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR(dateTime), INTERVAL '10' SECOND))
  GROUP BY seller, window_start, window_end
) AS a
ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end;
