-- The cheapest offers of each article, with ties.
CREATE STREAM offers (article STRING, price INT);
CREATE VIEW cheapest AS
SELECT article, price, RANK() OVER (PARTITION BY article ORDER BY price) AS place
FROM offers
QUALIFY place <= 2
EMIT CHANGES;

-- And those of each article and hour, when the hour is over.
CREATE STREAM bids (article STRING, price INT, ts TIMESTAMP, WATERMARK FOR ts AS ts);
CREATE VIEW hourly AS
SELECT window_start, article, price, RANK() OVER (PARTITION BY window_start, window_end, article ORDER BY price) AS place
FROM TUMBLE(bids, ts, INTERVAL '1' HOUR)
QUALIFY place <= 2;
