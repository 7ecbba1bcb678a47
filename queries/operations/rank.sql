-- The cheapest offers of each article, with ties.
CREATE STREAM offers (article STRING, price INT);
CREATE VIEW cheapest AS
SELECT article, price, RANK() OVER (PARTITION BY article ORDER BY price) AS place
FROM offers
QUALIFY place <= 2
EMIT CHANGES;
