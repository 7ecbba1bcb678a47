CREATE STREAM orders (k STRING, ts TIMESTAMP, v INT, WATERMARK FOR ts AS ts);
CREATE TABLE users (k STRING PRIMARY KEY, name STRING);
CREATE VIEW named AS SELECT o.k, v, name FROM orders o LEFT JOIN users u ON o.k = u.k;
CREATE VIEW sums AS SELECT k, SUM(v) AS s FROM orders GROUP BY k;
CREATE VIEW counted AS SELECT s.k, s, c FROM sums s FULL JOIN (SELECT k, COUNT(*) AS c FROM users GROUP BY k) u ON s.k = u.k;

TEST 'a table is loaded before the rows of a stream';
INSERT INTO users VALUES ('a', 'Ann');
INSERT INTO users VALUES ('a', 'Anna');
INSERT INTO orders VALUES ('a', '2026-01-05T10:00:05Z', 1);
CHECKPOINT;
CRASH;
EXPECT CHANGES named VALUES ('+I', 'a', 1, 'Anna');
INSERT INTO orders VALUES ('b', '2026-01-05T10:00:06Z', 2), ('a', '2026-01-05T10:00:06Z', 3);
CRASH;
FINISH;
EXPECT named VALUES ('a', 1, 'Anna'), ('b', 2, NULL), ('a', 3, 'Anna');

TEST 'tables are joined as they change';
INSERT INTO orders VALUES ('a', '2026-01-05T10:00:05Z', 1);
INSERT INTO users VALUES ('a', 'Ann'), ('z', 'Zoe');
EXPECT CHANGES counted VALUES ('+I', 'a', 1, NULL), ('-U', 'a', 1, NULL), ('+U', 'a', 1, 1), ('+I', NULL, NULL, 1);
CHECKPOINT;
INSERT INTO orders VALUES ('a', '2026-01-05T10:00:06Z', 2);
CRASH;
EXPECT counted VALUES ('a', 3, 1), (NULL, NULL, 1);
FINISH;
EXPECT counted VALUES ('a', 3, 1), (NULL, NULL, 1);
