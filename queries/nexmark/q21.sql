-- Nexmark q21. Channel id: by its name, or from the address.
CREATE STREAM bid (WATERMARK FOR dateTime AS dateTime - INTERVAL '2' SECOND)
WITH (connector = 'nexmark', events = '${events:-20000}', event_rate = '${event_rate:-1000}', disorder = '2s');

SELECT auction, bidder, price, channel,
  CASE LOWER(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2' WHEN 'baidu' THEN '3'
    ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id
FROM bid
WHERE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) IS NOT NULL OR LOWER(channel) IN ('apple', 'google', 'facebook', 'baidu');
