-- Nexmark q10. Log to files: bids with their day and minute, as csv.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

CREATE STREAM log (auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP, day STRING, minute STRING)
WITH (path = '${log:--}', format = 'csv');

INSERT INTO log
SELECT auction, bidder, price, dateTime, DATE_FORMAT(dateTime, 'yyyy-MM-dd') AS day, DATE_FORMAT(dateTime, 'HH:mm') AS minute
FROM bid;
