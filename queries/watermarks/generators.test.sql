-- Watermarks never go back, of several partitions the least counts, and silence does not
-- hold them for ever.

LOAD 'generators.sql';
CREATE VIEW b AS SELECT id, ts FROM bounded;
CREATE VIEW a AS SELECT id, ts FROM ascending;
CREATE VIEW ad AS
SELECT window_start, COUNT(*) AS n FROM adaptive GROUP BY TUMBLE(ts, INTERVAL '1' SECOND);
CREATE VIEW pu AS
SELECT window_start, COUNT(*) AS n FROM punctuated GROUP BY TUMBLE(ts, INTERVAL '1' SECOND);
CREATE VIEW pe AS
SELECT window_start, COUNT(*) AS n FROM perfect GROUP BY TUMBLE(ts, INTERVAL '1' SECOND);
CREATE VIEW late AS
SELECT window_start, COUNT(*) AS n FROM bounded GROUP BY TUMBLE(ts, INTERVAL '1' SECOND);

TEST 'the greatest time so far minus the delay, and never back';
INSERT INTO bounded VALUES (1, '2026-01-05T10:00:10Z');
EXPECT b (id) VALUES (1);
EXPECT WATERMARK OF bounded '2026-01-05T10:00:08Z';
INSERT INTO bounded VALUES (2, '2026-01-05T10:00:05Z');
EXPECT WATERMARK OF bounded '2026-01-05T10:00:08Z';
INSERT INTO bounded VALUES (3, '2026-01-05T10:00:11Z');
EXPECT WATERMARK OF bounded '2026-01-05T10:00:09Z';

TEST 'ascending has no delay';
INSERT INTO ascending VALUES (1, '2026-01-05T10:00:10Z'), (2, '2026-01-05T10:00:09Z');
EXPECT WATERMARK OF ascending '2026-01-05T10:00:10Z';
EXPECT a (id) VALUES (1), (2);

TEST 'of two partitions the least counts';
INSERT INTO bounded PARTITION 0 VALUES (1, '2026-01-05T10:00:10Z');
INSERT INTO bounded PARTITION 1 VALUES (2, '2026-01-05T10:00:05Z');
EXPECT WATERMARK OF bounded '2026-01-05T10:00:03Z';
INSERT INTO bounded PARTITION 1 VALUES (3, '2026-01-05T10:00:20Z');
EXPECT WATERMARK OF bounded '2026-01-05T10:00:08Z';
EXPECT b (id) VALUES (1), (2), (3);

TEST 'a partition that is silent past its timeout no longer holds';
INSERT INTO bounded PARTITION 0 VALUES (1, '2026-01-05T10:00:10Z');
INSERT INTO bounded PARTITION 1 VALUES (2, '2026-01-05T10:00:05Z');
ADVANCE CLOCK BY 20 SECONDS;
INSERT INTO bounded PARTITION 0 VALUES (3, '2026-01-05T10:00:12Z');
ADVANCE CLOCK BY 9 SECONDS;
EXPECT WATERMARK OF bounded '2026-01-05T10:00:03Z';
ADVANCE CLOCK BY 1 SECOND;
EXPECT WATERMARK OF bounded '2026-01-05T10:00:10Z';
-- When it has rows again it is active, and they are judged by where the watermark is.
INSERT INTO bounded PARTITION 1 VALUES (4, '2026-01-05T10:00:07Z');
EXPECT LATE bounded 1;
EXPECT WATERMARK OF bounded '2026-01-05T10:00:10Z';
EXPECT late (window_start) VALUES ('2026-01-05T10:00:05Z');

TEST 'a finished input is at the end of time';
INSERT INTO bounded VALUES (1, '2026-01-05T10:00:10Z');
FINISH bounded;
EXPECT late VALUES ('2026-01-05T10:00:10Z', 1);

TEST 'punctuated moves on marked rows alone';
INSERT INTO punctuated VALUES (1, '2026-01-05T10:00:10Z', FALSE), (2, '2026-01-05T10:00:11Z', NULL);
EXPECT EMPTY pu;
INSERT INTO punctuated VALUES (3, '2026-01-05T10:00:11Z', TRUE);
EXPECT WATERMARK OF punctuated '2026-01-05T10:00:11Z';
EXPECT pu VALUES ('2026-01-05T10:00:10Z', 1);

TEST 'perfect drops nothing, whatever the order';
INSERT INTO perfect
VALUES
  (1, '2026-01-05T10:00:10Z'),
  (2, '2026-01-05T09:00:00Z'),
  (3, '2026-01-05T11:00:00Z'),
  (4, '2026-01-05T09:00:00Z');
FINISH;
EXPECT LATE perfect 0;
EXPECT pe
VALUES ('2026-01-05T09:00:00Z', 2), ('2026-01-05T10:00:10Z', 1), ('2026-01-05T11:00:00Z', 1);

TEST 'advance is a floor';
INSERT INTO bounded VALUES (1, '2026-01-05T10:00:10Z');
ADVANCE WATERMARK FOR bounded TO '2026-01-05T10:00:20Z';
ADVANCE WATERMARK FOR bounded TO '2026-01-05T10:00:15Z';
INSERT INTO bounded VALUES (2, '2026-01-05T10:00:19Z'), (3, '2026-01-05T10:00:21Z');
EXPECT WATERMARK OF bounded '2026-01-05T10:00:20Z';
EXPECT LATE bounded 1;
EXPECT late (window_start) VALUES ('2026-01-05T10:00:10Z');

TEST 'adaptive has the delay that ninety-five of a hundred rows need';
-- The delays are 0 to 999 milliseconds, of which 949 is the 950th; the last row is ten seconds later.
INSERT INTO adaptive FROM 'disorder.csv';
EXPECT WATERMARK OF adaptive '2026-01-05T10:00:09.051Z';
