LOAD 'local_days.sql' WITH (zone = 'Europe/Berlin');

TEST 'midnight is that of the shop';
INSERT INTO orders VALUES ('a', 1, '2026-01-05T22:59:59Z'), ('b', 2, '2026-01-05T23:00:00Z');
FINISH;
EXPECT days
VALUES
  ('2026-01-04T23:00:00Z', '2026-01-05T23:00:00Z', 1, 1),
  ('2026-01-05T23:00:00Z', '2026-01-06T23:00:00Z', 1, 2);

TEST 'the day in spring has 23 hours, that in autumn 25';
INSERT INTO orders
VALUES
  ('a', 1, '2026-03-29T00:30:00Z'),
  ('b', 2, '2026-03-29T21:59:59Z'),
  ('c', 4, '2026-03-29T22:00:00Z'),
  ('d', 8, '2026-10-25T22:30:00Z');
FINISH;
EXPECT days (window_start, window_end, total)
VALUES
  ('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', 3),
  ('2026-03-29T22:00:00Z', '2026-03-30T22:00:00Z', 4),
  ('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 8);
