package main

import (
	"fmt"
	"path/filepath"
)

// race is a query and the input it runs over.
type race struct {
	name, input, format string
	table, sql          string
	limit               string // the hand-written program that answers it too; "" for none
}

var races = []race{
	{"tumble-json", "clicks", "json", clicksTable, tumble, "tumble"},
	{"tumble-csv", "clicks", "csv", clicksTable, tumble, "tumble"},
	{"keys", "keys", "json", clicksTable, tumble, "tumble"},
	{"tumble-json + 10 columns", "wide", "json", clicksTable, tumble, "tumble"},
	{"tumble-csv + 10 columns", "wide", "csv", clicksTable, tumble, "tumble"},
	{"expressions, csv", "orders", "csv", ordersTable, expressions, "orders"},
	{"texts, csv", "logs", "csv", logsTable, texts, "logs"},
	{"where, lower(page), avg min max", "clicks", "json", clicksTable, simpler, ""},
	{"the same with count distinct", "clicks", "json", clicksTable, general, ""},
	{"the same from csv", "clicks", "csv", clicksTable, general, ""},
	{"join of two streams, csv", "clicks", "csv", clicksTable, joined("JOIN", "'1' SECOND", "a.user_id = b.user_id"), ""},
	{"left join", "clicks", "csv", clicksTable, joined("LEFT JOIN", "'1' SECOND", "a.user_id = b.user_id"), ""},
	{"join by three keys", "clicks", "csv", clicksTable, joined("JOIN", "'10' SECOND", "a.user_id = b.user_id AND a.page = b.page AND a.event_id % 2 = b.event_id % 2"), ""},
	{"join of one hot key", "clicks", "csv", clicksTable, joined("JOIN", "'0.02' SECOND", "a.event_id % 1 = b.event_id % 1"), ""},
	{"asof join", "clicks", "csv", clicksTable, "SELECT a.event_id, b.event_id AS last FROM clicks a ASOF JOIN clicks b ON a.user_id = b.user_id AND b.event_time < a.event_time;", ""},
	{"frames as of each row", "clicks", "csv", clicksTable, frames, ""},
}

// path returns the race's input in a folder.
func (r *race) path(dir string) string {
	return filepath.Join(dir, r.input+map[string]string{"json": ".ndjson", "csv": ".csv"}[r.format])
}

// script returns what the engine is to run.
func (r *race) script(path string) string {
	return fmt.Sprintf(r.table, path, r.format) + r.sql
}

const (
	clicksTable = `CREATE STREAM clicks (event_id BIGINT, user_id STRING, event_time TIMESTAMP, amount DECIMAL(18,2), page STRING,
WATERMARK FOR event_time AS event_time - INTERVAL '603' SECOND) WITH (connector = 'file', path = '%s', format = '%s');
`
	ordersTable = `CREATE STREAM orders (order_id BIGINT, event_time TIMESTAMP, price DECIMAL(12,2), quantity INT, discount DECIMAL(3,2), weight DOUBLE,
WATERMARK FOR event_time AS event_time - INTERVAL '3' SECOND) WITH (connector = 'file', path = '%s', format = '%s');
`
	logsTable = `CREATE STREAM logs (request_id BIGINT, event_time TIMESTAMP, method STRING, url STRING, agent STRING,
WATERMARK FOR event_time AS event_time - INTERVAL '3' SECOND) WITH (connector = 'file', path = '%s', format = '%s');
`
)

// joined joins the clicks with those up to some time after them.
func joined(join, after, on string) string {
	return "SELECT a.event_id, b.event_id AS next FROM clicks a " + join + " clicks b WITHIN (INTERVAL '0' SECOND, INTERVAL " + after + ") ON " + on + ";"
}

// frames counts the clicks of the same user in the minute before each.
const frames = `SELECT a.event_id, n, s FROM clicks a JOIN (
  SELECT user_id, COUNT(*) OVER w AS n, SUM(amount) OVER w AS s FROM clicks WINDOW w AS (PARTITION BY user_id ORDER BY event_time RANGE INTERVAL '1' MINUTE PRECEDING)
) FOR SYSTEM_TIME AS OF a.event_time AS f ON a.user_id = f.user_id;`

const tumble = "SELECT window_start, user_id, SUM(amount) AS s, COUNT(*) AS n FROM clicks GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), user_id;"

const general = `SELECT window_start, lower(page) AS page, AVG(amount) AS a, MIN(amount) AS lo, MAX(event_id) AS hi, COUNT(DISTINCT user_id) AS users
FROM clicks WHERE amount > 100 AND event_id % 3 <> 0 GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), lower(page);`

const simpler = `SELECT window_start, lower(page) AS page, AVG(amount) AS a, MIN(amount) AS lo, MAX(event_id) AS hi
FROM clicks WHERE amount > 100 GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), lower(page);`

const expressions = `SELECT window_start, order_id % 16 AS shard, COUNT(*) AS n, SUM(price * quantity) AS gross,
  SUM(CASE WHEN quantity >= 10 THEN price * quantity * (1 - discount) ELSE price * quantity END) AS net,
  SUM(weight * quantity) AS load, MAX(ABS(price - 100)) AS spread, SUM(CAST(weight * 1000 AS BIGINT) / quantity) AS grams
FROM orders
WHERE quantity > 2 AND price * quantity BETWEEN 10 AND 5000 AND NOT (weight > 40 AND discount = 0)
GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), order_id % 16;`

const texts = `SELECT window_start, LOWER(SPLIT_PART(url, '/', 3)) AS host, COUNT(*) AS n, SUM(LENGTH(TRIM(agent))) AS length,
  MIN(SUBSTRING(UPPER(url), 9, 24)) AS least, MAX(CONCAT(method, ' ', REPLACE(url, 'https://', ''))) AS most
FROM logs
WHERE agent LIKE '%Mobile%' AND url NOT LIKE '%.png' AND REGEXP_LIKE(url, '/v[0-9]+/')
GROUP BY TUMBLE(event_time, INTERVAL '5' MINUTE), LOWER(SPLIT_PART(url, '/', 3));`
