-- Nexmark q11. User sessions: how many bids everybody has made without a pause of ten seconds.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT bidder, COUNT(*) AS bids, window_start, window_end
FROM bid
GROUP BY SESSION(dateTime, INTERVAL '2' SECOND), bidder;
