-- Nexmark q13. Side input: bids with what a bounded table says of them.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

CREATE TABLE side (key BIGINT, value STRING, PRIMARY KEY (key));
INSERT INTO side SELECT i AS key, 'side ' || CAST(i AS STRING) AS value FROM GENERATE_SERIES(0, 99) AS g(i);

SELECT b.auction, b.bidder, b.price, b.dateTime, s.value
FROM bid AS b JOIN side AS s ON MOD(b.auction, 100) = s.key;
