-- Nexmark q15. Bidding statistics: totals of a day, by the size of bids, of distinct bidders and auctions.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT DATE_FORMAT(dateTime, 'yyyy-MM-dd') AS day,
  COUNT(*) AS bids,
  COUNT(*) FILTER (WHERE price < 10000) AS small,
  COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS medium,
  COUNT(*) FILTER (WHERE price >= 1000000) AS large,
  COUNT(DISTINCT bidder) AS bidders,
  COUNT(DISTINCT bidder) FILTER (WHERE price < 10000) AS small_bidders,
  COUNT(DISTINCT auction) AS auctions,
  COUNT(DISTINCT auction) FILTER (WHERE price >= 1000000) AS large_auctions
FROM bid
GROUP BY DATE_FORMAT(dateTime, 'yyyy-MM-dd');
