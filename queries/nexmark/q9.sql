-- Nexmark q9. Winning bids: the highest bid of each auction, the first of equal ones.
CREATE STREAM auction (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT id, seller, price, bidder, bid_time
FROM (
  SELECT a.id, a.seller, b.price, b.bidder, b.dateTime AS bid_time,
    ROW_NUMBER() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.dateTime) AS place
  FROM auction AS a JOIN bid AS b
    ON a.id = b.auction AND b.dateTime BETWEEN a.dateTime AND a.dateTime + INTERVAL '10' SECOND
  WHERE b.dateTime <= a.expires
)
WHERE place <= 1;
