LOAD 'ab_rates.sql';

TEST 'rates of both variants';
INSERT INTO events
VALUES
  ('u1', 'A', 'seen', '2026-01-05T10:00:00Z'),
  ('u2', 'A', 'seen', '2026-01-05T10:01:00Z'),
  ('u3', 'A', 'seen', '2026-01-05T10:02:00Z'),
  ('u4', 'B', 'seen', '2026-01-05T10:03:00Z'),
  ('u5', 'B', 'seen', '2026-01-05T10:04:00Z'),
  ('u1', 'A', 'bought', '2026-01-05T10:10:00Z'),
  ('u1', 'A', 'bought', '2026-01-05T10:12:00Z'),
  ('u4', 'B', 'bought', '2026-01-05T10:33:00Z'),
  ('u5', 'B', 'bought', '2026-01-05T10:34:00.000001Z');
FINISH;
EXPECT rates
VALUES ('2026-01-05T10:00:00Z', 'A', 3, 1, 0.333333333333), ('2026-01-05T10:00:00Z', 'B', 2, 1, 0.5);

TEST 'an hour waits for those who may still buy';
INSERT INTO events VALUES ('u1', 'A', 'seen', '2026-01-05T10:59:00Z');
ADVANCE WATERMARK TO '2026-01-05T11:20:00Z';
EXPECT EMPTY rates;
INSERT INTO events VALUES ('u1', 'A', 'bought', '2026-01-05T11:25:00Z');
ADVANCE WATERMARK TO '2026-01-05T11:40:00Z';
EXPECT rates (people, converted) VALUES (1, 1);
