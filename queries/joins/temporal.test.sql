CREATE STREAM orders (k STRING, ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts);
CREATE TABLE rates (k STRING PRIMARY KEY, ts TIMESTAMP, rate INT, WATERMARK FOR ts AS ts);
CREATE VIEW valued AS SELECT o.ts, o.k, v, rate FROM orders o LEFT JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r ON o.k = r.k;

TEST 'a row holds until it is replaced or deleted';
INSERT CHANGES INTO rates VALUES ('+I', 'a', '2026-01-05T10:00:00Z', 1);
INSERT INTO orders VALUES ('a', '2026-01-05T10:00:05Z', 1), ('a', '2026-01-05T10:00:15Z', 2), ('a', '2026-01-05T10:00:25Z', 3), ('a', '2026-01-05T10:00:30Z', 4);
INSERT CHANGES INTO rates VALUES ('-D', 'a', '2026-01-05T10:00:10Z', 1), ('+I', 'a', '2026-01-05T10:00:20Z', 2), ('-U', 'a', '2026-01-05T10:00:20Z', 2), ('+U', 'a', '2026-01-05T10:00:30Z', 3);
FINISH;
EXPECT valued VALUES ('2026-01-05T10:00:05Z', 'a', 1, 1), ('2026-01-05T10:00:15Z', 'a', 2, NULL), ('2026-01-05T10:00:25Z', 'a', 3, 2), ('2026-01-05T10:00:30Z', 'a', 4, 3);

TEST 'nothing is kept of a deleted key when the watermark has passed it';
INSERT CHANGES INTO rates VALUES ('+I', 'a', '2026-01-05T10:00:00Z', 1), ('+I', 'b', '2026-01-05T10:00:00Z', 2);
INSERT CHANGES INTO rates VALUES ('-D', 'a', '2026-01-05T10:00:10Z', 1);
ADVANCE WATERMARK FOR rates TO '2026-01-05T10:00:11Z';
EXPECT STATE <= 5 ROWS;
ADVANCE WATERMARK FOR orders TO '2026-01-05T10:00:11Z';
EXPECT STATE <= 2 ROWS;
INSERT INTO orders VALUES ('a', '2026-01-05T10:00:15Z', 1), ('b', '2026-01-05T10:00:15Z', 2);
FINISH;
EXPECT valued VALUES ('2026-01-05T10:00:15Z', 'a', 1, NULL), ('2026-01-05T10:00:15Z', 'b', 2, 2);
