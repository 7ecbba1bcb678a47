-- Nexmark q2. Selection: the bids for some of the auctions.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0;
