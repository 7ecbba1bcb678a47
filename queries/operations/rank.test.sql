LOAD 'rank.sql';

TEST 'ties of the last rank are kept, what is beyond is forgotten';
INSERT INTO offers VALUES ('a', 9), ('a', 7), ('a', 7), ('a', 8), ('a', 30), ('a', 31), ('a', 32), ('a', 33);
EXPECT cheapest VALUES ('a', 7, 1), ('a', 7, 1);
EXPECT STATE <= 2 ROWS;
INSERT INTO offers VALUES ('a', 5), ('b', 4);
EXPECT cheapest VALUES ('a', 5, 1), ('a', 7, 2), ('a', 7, 2), ('b', 4, 1);
EXPECT STATE <= 4 ROWS;
INSERT INTO offers VALUES ('a', 1), ('a', 40);
EXPECT cheapest VALUES ('a', 1, 1), ('a', 5, 2), ('b', 4, 1);
EXPECT STATE <= 3 ROWS;
