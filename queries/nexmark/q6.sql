-- Nexmark q6. Average selling price: of the last ten auctions of each seller, when they have closed.
CREATE STREAM auction (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT seller, id, AVG(final) OVER (PARTITION BY seller ORDER BY expires, id ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS average
FROM (
  SELECT MAX(b.price) AS final, a.id, a.seller, a.expires
  FROM auction AS a JOIN bid AS b
    ON a.id = b.auction AND b.dateTime BETWEEN a.dateTime AND a.dateTime + INTERVAL '10' SECOND
  WHERE b.dateTime <= a.expires
  GROUP BY a.id, a.seller, a.expires
)
EMIT CHANGES;
