LOAD 'attribution.sql';

TEST 'the last click of the hour before gets the order';
INSERT INTO clicks
VALUES
  ('u1', 'mail', '2026-01-05T10:00:00Z'),
  ('u1', 'search', '2026-01-05T10:30:00Z'),
  ('u2', 'mail', '2026-01-05T10:30:00Z');
INSERT INTO orders
VALUES
  ('o1', 'u1', 50, '2026-01-05T10:45:00Z'),
  ('o2', 'u2', 20, '2026-01-05T11:30:00Z'),
  ('o3', 'u2', 20, '2026-01-05T11:30:00.000001Z');
FINISH;
EXPECT last_click VALUES ('o1', 50, 'search'), ('o2', 20, 'mail'), ('o3', 20, NULL);
EXPECT touched (order_id, campaign)
VALUES ('o1', 'mail'), ('o1', 'search'), ('o2', 'mail'), ('o3', NULL);

TEST 'a click that arrives after the order counts, one that happened after it does not';
INSERT INTO orders VALUES ('o1', 'u1', 50, '2026-01-05T10:45:00Z');
INSERT INTO clicks
VALUES
  ('u1', 'late mail', '2026-01-05T10:44:00Z'),
  ('u1', 'too late', '2026-01-05T10:45:00.000001Z');
EXPECT EMPTY last_click;
EXPECT touched (order_id, campaign) VALUES ('o1', 'late mail');
ADVANCE WATERMARK TO '2026-01-05T10:45:00.000001Z';
EXPECT last_click VALUES ('o1', 50, 'late mail');

TEST 'one silent side holds the result back, and an idle one does not';
INSERT INTO orders
VALUES ('o1', 'u1', 50, '2026-01-05T10:45:00Z'), ('o2', 'u9', 1, '2026-01-05T12:00:00Z');
EXPECT EMPTY last_click;
IDLE clicks;
EXPECT last_click VALUES ('o1', 50, NULL);
