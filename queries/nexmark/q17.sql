-- Nexmark q17. Auction statistics: of each auction and day.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT auction, DATE_FORMAT(dateTime, 'yyyy-MM-dd') AS day,
  COUNT(*) AS bids,
  COUNT(*) FILTER (WHERE price < 10000) AS small,
  MIN(price) AS least, MAX(price) AS most, AVG(price) AS average, SUM(price) AS total
FROM bid
GROUP BY auction, DATE_FORMAT(dateTime, 'yyyy-MM-dd');
