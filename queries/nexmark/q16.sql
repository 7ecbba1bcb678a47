-- Nexmark q16. Channel statistics: as q15, of each channel, with the last minute that it was seen.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT channel, DATE_FORMAT(dateTime, 'yyyy-MM-dd') AS day, MAX(DATE_FORMAT(dateTime, 'HH:mm')) AS minute,
  COUNT(*) AS bids,
  COUNT(*) FILTER (WHERE price < 10000) AS small,
  COUNT(DISTINCT bidder) AS bidders,
  COUNT(DISTINCT auction) FILTER (WHERE price >= 1000000) AS large_auctions
FROM bid
GROUP BY channel, DATE_FORMAT(dateTime, 'yyyy-MM-dd');
