-- Nexmark q1. Currency conversion: the prices of all bids in euros, exactly.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT auction, bidder, 0.908 * price AS price, dateTime, extra FROM bid;
