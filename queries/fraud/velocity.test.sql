LOAD 'velocity.sql' WITH (most = 3);

TEST 'four payments in ten minutes are too many, three are not';
INSERT INTO payments
VALUES
  ('p1', 'c1', 'DE', 10, '2026-01-05T10:00:00Z'),
  ('p2', 'c1', 'DE', 20, '2026-01-05T10:03:00Z'),
  ('p3', 'c1', 'DE', 30, '2026-01-05T10:06:00Z'),
  ('p4', 'c1', 'DE', 40, '2026-01-05T10:09:00Z'),
  ('q1', 'c2', 'DE', 10, '2026-01-05T10:00:00Z'),
  ('q2', 'c2', 'DE', 20, '2026-01-05T10:03:00Z'),
  ('q3', 'c2', 'DE', 30, '2026-01-05T10:06:00Z');
ADVANCE WATERMARK TO '2026-01-05T10:09:59.999999Z';
EXPECT EMPTY alerts;
ADVANCE WATERMARK TO '2026-01-05T10:10:00Z';
EXPECT alerts VALUES ('c1', '2026-01-05T10:00:00Z', '2026-01-05T10:10:00Z', 4, 100, 1);
FINISH;
EXPECT alerts (card, payments) VALUES ('c1', 4);

TEST 'a card in two countries is told of in each window that has both';
INSERT INTO payments
VALUES
  ('p1', 'c1', 'DE', 10, '2026-01-05T10:00:30Z'),
  ('p2', 'c1', 'FR', 20, '2026-01-05T10:08:30Z');
FINISH;
EXPECT alerts (window_start, countries)
VALUES ('2026-01-05T09:59:00Z', 2), ('2026-01-05T10:00:00Z', 2);

TEST 'ten minutes apart is no window';
INSERT INTO payments
VALUES
  ('p1', 'c1', 'DE', 10, '2026-01-05T10:00:00Z'),
  ('p2', 'c1', 'FR', 20, '2026-01-05T10:10:00Z');
FINISH;
EXPECT EMPTY alerts;

TEST 'a late payment is counted where a window is open';
INSERT INTO payments
VALUES
  ('p1', 'c1', 'DE', 10, '2026-01-05T10:00:00Z'),
  ('p2', 'c1', 'DE', 20, '2026-01-05T10:12:00Z'),
  ('p3', 'c1', 'FR', 20, '2026-01-05T10:01:30Z');
EXPECT LATE payments 0;
INSERT INTO payments VALUES ('p4', 'c1', 'FR', 20, '2026-01-05T09:59:59Z');
EXPECT LATE payments 1;
