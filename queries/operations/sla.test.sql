LOAD 'sla.sql' WITH (minutes = 15);

TEST 'a ticket is missed when its time is up, and not before';
INSERT INTO events
VALUES
  ('t1', 'opened', '2026-01-05T10:00:00Z'),
  ('t2', 'opened', '2026-01-05T10:01:00Z'),
  ('t2', 'answered', '2026-01-05T10:16:00Z');
EXPECT CHANGES missed VALUES ('+I', 't1', '2026-01-05T10:00:00Z');
FINISH;
EXPECT NO CHANGES missed;

TEST 'an answer in the last moment is in time, even when it comes late';
INSERT INTO events
VALUES
  ('t1', 'opened', '2026-01-05T10:00:00Z'),
  ('x', 'other', '2026-01-05T10:15:30Z'),
  ('t1', 'answered', '2026-01-05T10:15:00Z');
FINISH;
EXPECT EMPTY missed;

TEST 'an answer before the ticket is none';
INSERT INTO events
VALUES ('t1', 'answered', '2026-01-05T09:59:59Z'), ('t1', 'opened', '2026-01-05T10:00:00Z');
FINISH;
EXPECT missed (ticket) VALUES ('t1');
