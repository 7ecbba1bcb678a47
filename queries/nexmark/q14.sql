-- Nexmark q14. Calculation: the time of day of some bids, and a function of text.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

CREATE FUNCTION count_char(text STRING, c STRING) RETURNS BIGINT AS LENGTH(text) - LENGTH(REPLACE(text, c, ''));

SELECT auction, bidder, 0.908 * price AS price,
  CASE WHEN HOUR(dateTime) BETWEEN 8 AND 18 THEN 'day' WHEN HOUR(dateTime) <= 6 OR HOUR(dateTime) >= 20 THEN 'night' ELSE 'other' END AS period,
  dateTime, count_char(extra, 'c') AS c_counts
FROM bid
WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000;
