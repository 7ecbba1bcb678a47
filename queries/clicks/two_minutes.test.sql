-- Two minutes are one too few for the last click, which comes three after the end of its
-- window.

LOAD 'lateness.sql' WITH (lateness = 2);

INSERT INTO clicks FROM 'clicks.csv';
EXPECT LATE clicks 1;
FINISH;
EXPECT CHANGES "query 1"
VALUES
  ('+I', '2026-01-05T10:00:00Z', 'A', 7),
  ('+I', '2026-01-05T10:00:00Z', 'B', 3),
  ('+I', '2026-01-05T10:05:00Z', 'A', 4),
  ('+I', '2026-01-05T10:05:00Z', 'B', 1),
  ('+I', '2026-01-05T10:10:00Z', 'B', 2);
