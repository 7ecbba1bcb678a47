LOAD 'training.sql';

TEST 'each length counts back from the label, both of its ends included';
INSERT INTO payments
VALUES
  ('p1', 'c1', 'DE', 10, 'paid', '2026-01-05T10:00:00Z'),
  ('p2', 'c1', 'FR', 30, 'paid', '2026-01-05T10:30:00Z'),
  ('p3', 'c1', 'FR', 99, 'refused', '2026-01-05T10:31:00Z'),
  ('p4', 'c2', 'DE', 5, 'paid', '2026-01-05T10:31:00Z');
INSERT INTO labels
VALUES
  ('c1', '2026-01-05T11:00:00Z', FALSE),
  ('c1', '2026-01-05T11:00:00.000001Z', TRUE),
  ('c1', '2026-01-06T10:30:00Z', TRUE);
FINISH;
EXPECT training
VALUES
  ('c1', '2026-01-05T11:00:00Z', 2, 40, 2, 20, 30, 2, 'FR', 2, FALSE),
  ('c1', '2026-01-05T11:00:00.000001Z', 1, 30, 2, 20, 30, 2, 'FR', 2, TRUE),
  ('c1', '2026-01-06T10:30:00Z', 0, NULL, 1, 30, 30, 1, 'FR', 2, TRUE);

TEST 'a card that was never seen has no payments, and no label without a card';
INSERT INTO payments VALUES ('p1', 'c1', 'DE', 10, 'paid', '2026-01-05T10:00:00Z');
INSERT INTO labels
VALUES ('c9', '2026-01-05T10:00:00Z', FALSE), (NULL, '2026-01-05T10:00:00Z', FALSE);
FINISH;
EXPECT training VALUES ('c9', '2026-01-05T10:00:00Z', 0, NULL, 0, NULL, NULL, 0, NULL, 0, FALSE);

TEST 'a label waits for what may still come before it, and nothing corrects it later';
INSERT INTO labels VALUES ('c1', '2026-01-05T10:05:00Z', TRUE);
INSERT INTO payments
VALUES
  ('p1', 'c1', 'DE', 10, 'paid', '2026-01-05T10:06:00Z'),
  ('p2', 'c1', 'DE', 20, 'paid', '2026-01-05T10:04:30Z');
ADVANCE WATERMARK FOR payments TO '2026-01-05T10:05:00.000001Z';
EXPECT EMPTY training;
ADVANCE WATERMARK FOR labels TO '2026-01-05T10:05:00.000001Z';
EXPECT CHANGES training (payments_1h, amount_1h) VALUES ('+I', 1, 20);
INSERT INTO payments VALUES ('p3', 'c1', 'DE', 40, 'paid', '2026-01-05T10:01:00Z');
INSERT INTO labels VALUES ('c1', '2026-01-05T10:06:00Z', TRUE);
CRASH;
FINISH;
EXPECT CHANGES training (payments_1h, amount_1h) VALUES ('+I', 3, 70);

TEST 'what no label to come can reach is forgotten';
INSERT INTO payments
VALUES
  ('p1', 'c1', 'DE', 10, 'paid', '2026-01-05T10:00:00Z'),
  ('p2', 'c2', 'DE', 20, 'paid', '2026-01-05T10:00:00Z');
INSERT INTO labels VALUES ('c1', '2026-01-05T10:00:00Z', TRUE);
EXPECT STATE <= 3 ROWS;
ADVANCE WATERMARK FOR payments TO '2026-02-04T10:00:00Z';
ADVANCE WATERMARK FOR labels TO '2026-02-04T10:00:00Z';
EXPECT STATE <= 2 ROWS;
ADVANCE WATERMARK FOR payments TO '2026-02-04T10:00:00.000001Z';
ADVANCE WATERMARK FOR labels TO '2026-02-04T10:00:00.000001Z';
EXPECT STATE <= 0 ROWS;
