-- Nexmark q4. Average price by category: of the highest bids of auctions, while they took bids.
CREATE STREAM auction (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT category, AVG(final) AS average
FROM (
  SELECT MAX(b.price) AS final, a.id, a.category
  FROM auction AS a JOIN bid AS b
    ON a.id = b.auction AND b.dateTime BETWEEN a.dateTime AND a.dateTime + INTERVAL '10' SECOND
  WHERE b.dateTime <= a.expires
  GROUP BY a.id, a.category
)
GROUP BY category;
