-- Nexmark q12. Processing time windows: how many bids everybody makes in ten seconds by the clock.
-- The windows differ from run to run; together they have all bids.
CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, arrival AS PROCTIME())
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT bidder, COUNT(*) AS bids, window_start, window_end
FROM bid
GROUP BY TUMBLE(arrival, INTERVAL '10' SECOND), bidder;
