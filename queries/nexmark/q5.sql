-- Nexmark q5. Hot items: the auctions with most bids in each ten seconds, every two seconds.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

CREATE VIEW counts AS
SELECT auction, COUNT(*) AS num, window_start, window_end
FROM TABLE(HOP(TABLE bid, DESCRIPTOR(dateTime), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
GROUP BY auction, window_start, window_end;

SELECT c.window_start, c.auction, c.num
FROM counts AS c JOIN (
  SELECT MAX(num) AS most, window_start, window_end FROM counts GROUP BY window_start, window_end
) AS m
ON c.window_start = m.window_start AND c.window_end = m.window_end AND c.num >= m.most;
