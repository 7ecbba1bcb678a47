-- The first rows of a window and of a key; what comes too late for them goes elsewhere.
CREATE STREAM clicks (event_id STRING, user_id STRING, event_time TIMESTAMP, amount INT, WATERMARK FOR event_time AS event_time - INTERVAL '2' MINUTE);
CREATE VIEW best AS SELECT user_id, event_id, window_start, r FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY amount) r FROM TUMBLE(clicks, event_time, INTERVAL '5' MINUTE) LATE DATA TO gone) WHERE r <= 1;
CREATE VIEW firsts AS SELECT user_id, event_id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY event_time) r FROM clicks LATE DATA TO lost) WHERE r = 1;

TEST 'late rows around a crash';
INSERT INTO clicks VALUES ('e1','A','2026-01-05T10:00:00Z',5), ('e2','B','2026-01-05T10:02:00Z',3);
CHECKPOINT;
INSERT INTO clicks VALUES ('e3','A','2026-01-05T10:04:00Z',2), ('e4','B','2026-01-05T10:08:00Z',2);
INSERT INTO clicks VALUES ('e5','A','2026-01-05T10:04:30Z',1);
CRASH;
INSERT INTO clicks VALUES ('e6','C','2026-01-05T10:05:30Z',1);
FINISH;
EXPECT best (event_id) VALUES ('e3'), ('e6');
EXPECT gone (event_id) VALUES ('e5');
EXPECT firsts (event_id) VALUES ('e1'), ('e2');
EXPECT lost (event_id) VALUES ('e5'), ('e6');
