LOAD 'reconcile.sql';

TEST 'published and missing make the whole';
INSERT INTO readings
VALUES
  ('m1', 1, '2026-01-05T10:00:00Z'),
  ('m1', 2, '2026-01-05T10:59:59Z'),
  ('m1', 4, '2026-01-05T11:15:00Z'),
  ('m1', 8, '2026-01-05T10:30:00Z'),
  ('m1', 16, '2026-01-05T10:45:00Z'),
  ('m1', 32, '2026-01-05T11:04:59Z');
EXPECT LATE readings 2;
EXPECT too_late (kwh, late_by, missed_by, window_start)
VALUES
  (8, INTERVAL '35' MINUTE, INTERVAL '5' MINUTE, '2026-01-05T10:00:00Z'),
  (16, INTERVAL '20' MINUTE, INTERVAL '5' MINUTE, '2026-01-05T10:00:00Z');
FINISH;
EXPECT hourly VALUES ('m1', '2026-01-05T10:00:00Z', 3), ('m1', '2026-01-05T11:00:00Z', 36);
EXPECT missing VALUES ('m1', '2026-01-05T10:00:00Z', 24, 2);
CREATE VIEW whole AS
SELECT SUM(kwh) AS kwh
FROM (
  SELECT kwh FROM hourly
  UNION ALL
  SELECT kwh FROM missing
) AS both;
EXPECT whole = (SELECT SUM(kwh) FROM readings);
