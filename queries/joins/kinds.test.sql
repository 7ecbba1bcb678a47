-- The six kinds of a join, over the same rows: what is emitted at once, and what waits until
-- no partner can come any more.

LOAD 'interval.sql';
CREATE VIEW rights AS SELECT l.v AS lv, r.v AS rv FROM l RIGHT JOIN r WITHIN 10 SECONDS ON l.k = r.k;
CREATE VIEW semis AS SELECT l.v FROM l SEMI JOIN r WITHIN 10 SECONDS ON l.k = r.k;
CREATE VIEW antis AS SELECT l.v FROM l ANTI JOIN r WITHIN 10 SECONDS ON l.k = r.k;
CREATE VIEW after AS
SELECT l.v AS lv, r.v AS rv FROM l JOIN r WITHIN (0 SECONDS, 10 SECONDS) ON l.k = r.k;

INSERT INTO events
VALUES
  ('L', 'a', 1, '2026-01-05T00:01:40Z'),
  ('R', 'b', 2, '2026-01-05T00:01:40Z'),
  ('R', 'a', 3, '2026-01-05T00:01:42Z'),
  ('R', 'a', 4, '2026-01-05T00:01:44Z'),
  ('L', 'c', 5, '2026-01-05T00:01:44Z'),
  ('L', 'a', 6, '2026-01-05T00:01:44Z');

TEST 'RIGHT pads rows of the right side';
EXPECT CHANGES rights VALUES ('+I', 1, 3), ('+I', 1, 4), ('+I', 6, 3), ('+I', 6, 4);
ADVANCE WATERMARK TO '2026-01-05T00:01:50Z';
EXPECT NO CHANGES rights;
ADVANCE WATERMARK TO '2026-01-05T00:01:50.000001Z';
EXPECT CHANGES rights VALUES ('+I', NULL, 2);

TEST 'SEMI gives a row once, however many partners it has';
EXPECT CHANGES semis VALUES ('+I', 1), ('+I', 6);

TEST 'ANTI gives what finds none';
EXPECT EMPTY antis;
FINISH;
EXPECT CHANGES antis VALUES ('+I', 5);

TEST 'WITHIN (before, after)';
EXPECT CHANGES after VALUES ('+I', 1, 3), ('+I', 1, 4), ('+I', 6, 4);
