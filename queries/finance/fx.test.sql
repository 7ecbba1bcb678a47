LOAD 'fx.sql';

INSERT INTO rates VALUES ('USD', 0.9, '2026-01-05T09:00:00Z'), ('USD', 0.95, '2026-01-05T10:00:00Z');

TEST 'the rate at the time of the order';
INSERT INTO orders
VALUES
  ('o1', 'USD', 100, '2026-01-05T09:59:59Z'),
  ('o2', 'USD', 100, '2026-01-05T10:00:00Z'),
  ('o3', 'GBP', 1, '2026-01-05T10:00:00Z'),
  ('o4', 'USD', 1, '2026-01-05T08:59:00Z');
FINISH;
EXPECT converted (order_id, rate, euros)
VALUES ('o1', 0.9, 90), ('o2', 0.95, 95), ('o3', NULL, NULL);
EXPECT LATE orders 1;

TEST 'a rate that comes after the order counts for it when it was valid before';
INSERT INTO orders VALUES ('o1', 'USD', 100, '2026-01-05T10:00:05Z');
EXPECT EMPTY converted;
INSERT INTO rates VALUES ('USD', 1, '2026-01-05T10:00:04Z'), ('USD', 2, '2026-01-05T10:00:06Z');
ADVANCE WATERMARK TO '2026-01-05T10:00:05.000001Z';
EXPECT converted (order_id, rate, euros) VALUES ('o1', 1, 100);

TEST 'the newest rate is kept, however old';
INSERT INTO orders VALUES ('o1', 'USD', 100, '2026-01-06T10:00:00Z');
ADVANCE WATERMARK TO '2026-01-06T12:00:00Z';
EXPECT converted (order_id, rate) VALUES ('o1', 0.95);
EXPECT STATE <= 2 ROWS;
