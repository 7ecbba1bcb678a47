package repl

import (
	"fmt"
	"time"

	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// attach is \attach: it shows the status of a query in the background until that ends,
// or until Ctrl-C, which leaves it running.
func (r *REPL) attach(c *command) {
	q := r.find(c.arg(0))
	if q == nil {
		r.wrong(c, "\\dq lists them", "there is no query %s", c.arg(0))
		return
	}
	if q.over() {
		r.printf("query %d is %s\n", q.id, q.state())
		return
	}
	ctx, _, end := r.interruptible()
	stop := r.watch(&engine.Planned{Job: q.job})
	select {
	case <-q.done:
	case <-ctx.Done():
	}
	end()
	stop()
	if !q.over() {
		r.printf("query %d goes on\n", q.id)
		return
	}
	r.announce()
}

// demoStream is what \demo declares: orders at 20 a second from now on, some of which come
// late. %s is the time.
const demoStream = `CREATE STREAM orders (
  id BIGINT,
  ts TIMESTAMP,
  customer STRING,
  amount DECIMAL(8,2),
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH (
  connector = 'datagen', rate = '20',
  'fields.id.kind' = 'sequence',
  'fields.ts.start' = '%s', 'fields.ts.jitter' = '3s',
  'fields.customer.kind' = 'choice', 'fields.customer.values' = 'ada,ben,cleo,dan',
  'fields.amount.max' = '100'
);`

// demoQueries are what to do with it.
var demoQueries = []string{
	"SELECT * FROM orders;",
	`SELECT window_start, COUNT(*) AS n, SUM(amount) AS total FROM orders
  GROUP BY TUMBLE(ts, INTERVAL '5' SECOND);`,
	"SELECT customer, COUNT(*) AS n, SUM(amount) AS total FROM orders GROUP BY customer;",
}

// demo is \demo.
func (r *REPL) demo(c *command) {
	for _, n := range r.session.Names() {
		if n.Name == "orders" {
			r.wrong(c, "DROP STREAM orders", "orders is declared already")
			return
		}
	}
	statement := fmt.Sprintf(demoStream, time.Now().UTC().Format("2006-01-02T15:04:05Z"))
	r.statement(source.NewFile("", statement))
	r.printf("%s\n\nTry, and stop with Ctrl-C:\n", statement)
	for _, q := range demoQueries {
		r.printf("%s\n", q)
	}
}
