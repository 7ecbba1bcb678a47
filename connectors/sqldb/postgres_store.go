package sqldb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"tidemark/connectors"
)

const (
	// postgresRows and postgresBytes are how much is gathered before it is sent to
	// PostgreSQL.
	postgresRows  = 1 << 16
	postgresBytes = 64 << 20
	// stage is the temporary table that rows with a key go through.
	stage = "pg_temp.tidemark_stage"
	// retryDelay is the first wait for a server that is gone.
	retryDelay = 100 * time.Millisecond
)

// pgStore writes into one table of a PostgreSQL database.
type pgStore struct {
	set   *pgSettings
	marks marks
	table string // quoted
	names []string
	key   []int
	all   []int
	copy  copyReader

	conn    *pgconn.PgConn // nil when there is none
	staged  bool           // it has the stage
	inTx    bool
	xid     string // the transaction's
	doubt   string // the transaction whose end is not known
	isDirty bool   // there are rows in the stage
	insert  string
	remove  string
	staging string
}

// NewPostgresSink returns a sink that writes into a table of a PostgreSQL database,
// which it creates or checks.
func NewPostgresSink(cfg connectors.SinkConfig) (connectors.Sink, error) {
	set, err := newPgSettings(cfg.Name, cfg.Options, cfg.BaseDir)
	if err != nil {
		return nil, err
	}
	s := &sink{rows: connectors.NewPending(cfg.Schema, cfg.Key), maxRows: postgresRows, maxBytes: postgresBytes}
	if cfg.Job == nil {
		// The rows of a transaction are those gathered, so that they can be sent again.
		s.retry = &connectors.Retry{Delay: retryDelay, Times: -1}
		if s.retry.Limit, err = cfg.Options.Duration("retry_timeout", 5*time.Minute); err != nil {
			return nil, err
		}
		if s.retry.Limit == 0 {
			s.retry.Times = 0
		}
		most, err := cfg.Options.Int("commit_rows", postgresRows, 1, 1<<24)
		if err != nil {
			return nil, err
		}
		s.maxRows = int(most)
	}
	ctx := context.Background()
	conn, err := set.connect(ctx)
	if err != nil {
		return nil, err
	}
	columns, err := prepareTable(ctx, &pgTable{set, conn}, cfg.Schema, cfg.Key)
	if err != nil {
		hangUp(conn)
		return nil, err
	}
	s.store = newPgStore(set, &cfg, conn, columns)
	return s, nil
}

func newPgStore(set *pgSettings, cfg *connectors.SinkConfig, conn *pgconn.PgConn, columns []tableColumn) *pgStore {
	s := &pgStore{set: set, marks: marks{job: cfg.Job}, table: set.quoted(set.table), names: columnNames(columns), key: cfg.Key, all: everyColumn(cfg.Schema)}
	s.copy.schema = cfg.Schema
	for i, c := range cfg.Schema {
		s.copy.forms = append(s.copy.forms, pgFormOf(c.Type, columns[i]))
	}
	s.statements()
	s.conn = conn
	return s
}

// statements writes the statements of a table with a key.
func (s *pgStore) statements() {
	if len(s.key) == 0 {
		return
	}
	list := quoteNames(s.names)
	s.staging = "CREATE TEMPORARY TABLE IF NOT EXISTS tidemark_stage ON COMMIT DELETE ROWS AS SELECT " + list + " FROM " + s.table + " WITH NO DATA"
	// In order the index is gone through once, and two writers cannot lock each other out.
	s.insert = "INSERT INTO " + s.table + " (" + list + ") SELECT " + list + " FROM " + stage + " ORDER BY " + quoteNames(pick(s.names, s.key)) + onConflict(s.names, s.key)
	var same []string
	for _, n := range pick(s.names, s.key) {
		same = append(same, "t."+quoteName(n)+" = s."+quoteName(n))
	}
	s.remove = "DELETE FROM " + s.table + " t USING " + stage + " s WHERE " + strings.Join(same, " AND ")
}

func (s *pgStore) place() string { return s.set.place() }

// open connects where there is no connection, and makes the stage.
func (s *pgStore) open(ctx context.Context) (err error) {
	if s.conn == nil {
		if s.conn, err = s.set.connect(ctx); err != nil {
			return err
		}
	}
	if !s.staged && s.staging != "" {
		_, err = exec(ctx, s.conn, s.staging)
		s.staged = err == nil
	}
	return s.set.explain(err)
}

// shut ends the connection.
func (s *pgStore) shut() {
	if s.conn != nil {
		hangUp(s.conn)
	}
	s.conn, s.staged = nil, false
}

// begin begins a transaction where there is none.
func (s *pgStore) begin(ctx context.Context) error {
	if s.inTx {
		return nil
	}
	if err := s.open(ctx); err != nil {
		return err
	}
	statements := "BEGIN ISOLATION LEVEL READ COMMITTED"
	if s.marks.job == nil {
		statements += "; SELECT txid_current()"
	}
	results, err := exec(ctx, s.conn, statements)
	if err != nil {
		return s.set.explain(err)
	}
	s.inTx, s.isDirty = true, false
	if s.marks.job == nil {
		s.xid = string(results[len(results)-1].Rows[0][0])
		return nil
	}
	found, err := s.lockMark(ctx)
	if err != nil {
		return err
	}
	return s.marks.check(s.place(), found)
}

func (s *pgStore) put(ctx context.Context, p *connectors.Pending, rows []int32) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	_, err := exec(ctx, s.conn, "SAVEPOINT put")
	if err == nil {
		err = s.send(ctx, p, rows)
	}
	if err == nil {
		_, err = exec(ctx, s.conn, "RELEASE put")
	}
	fault := pgRowFault(err)
	if fault == nil {
		return s.set.explain(err)
	}
	if _, err := exec(ctx, s.conn, "ROLLBACK TO put; RELEASE put"); err != nil {
		return s.set.explain(err)
	}
	return fault
}

// send writes rows into the table.
func (s *pgStore) send(ctx context.Context, p *connectors.Pending, rows []int32) error {
	if len(s.key) == 0 {
		return s.copyRows(ctx, s.table, p, rows, false)
	}
	deletes := 0
	for _, i := range rows {
		if p.Deletes[i] {
			deletes++
		}
	}
	// No key is both deleted and written, so the order of the two is free.
	if deletes > 0 {
		if err := s.through(ctx, p, rows, true, s.remove); err != nil {
			return err
		}
	}
	if deletes < len(rows) {
		return s.through(ctx, p, rows, false, s.insert)
	}
	return nil
}

// through copies rows into the stage, and runs what takes them from there.
func (s *pgStore) through(ctx context.Context, p *connectors.Pending, rows []int32, deletes bool, statement string) error {
	if s.isDirty {
		if _, err := exec(ctx, s.conn, "TRUNCATE "+stage); err != nil {
			return err
		}
	}
	s.isDirty = true
	if err := s.copyRows(ctx, stage, p, rows, deletes); err != nil {
		return err
	}
	_, err := exec(ctx, s.conn, statement)
	return err
}

func (s *pgStore) copyRows(ctx context.Context, table string, p *connectors.Pending, rows []int32, deletes bool) error {
	columns := s.all
	if deletes {
		columns = s.key
	}
	s.copy.start(p, rows, deletes, columns)
	_, err := s.conn.CopyFrom(ctx, &s.copy, "COPY "+table+" ("+quoteNames(pick(s.names, columns))+") FROM STDIN")
	if fault := s.copy.stop(); fault != nil {
		return fault
	}
	return err
}

func (s *pgStore) commit(ctx context.Context, mark *connectors.Mark) error {
	statement := "COMMIT"
	if mark != nil {
		if err := s.begin(ctx); err != nil {
			return err
		}
		statement = fmt.Sprintf("UPDATE %s SET checkpoint = %d, rows = %d WHERE job = %s AND sink = %s; COMMIT",
			s.set.quoted(marksTable), mark.Checkpoint, mark.Rows, quoteText(s.marks.job.ID), quoteText(s.marks.job.Sink))
	}
	if !s.inTx {
		return nil
	}
	results, err := exec(ctx, s.conn, statement)
	if err != nil {
		var e *pgconn.PgError
		if !errors.As(err, &e) || passes(e.Code) {
			s.doubt = s.xid
		}
		if fault := pgRowFault(err); fault != nil {
			return fmt.Errorf("%s: the rows cannot be committed: %s; %s", s.place(), fault.reason, fault.remedy)
		}
		return s.set.explain(err)
	}
	if last := results[len(results)-1].CommandTag.String(); last != "COMMIT" {
		return fmt.Errorf("%s: the rows were not committed (%s)", s.place(), last)
	}
	s.inTx, s.xid = false, ""
	if mark != nil {
		s.marks.last = *mark
	}
	return nil
}

// settle finds out whether the last commit, when its answer was lost, has happened.
func (s *pgStore) settle(ctx context.Context) (done bool, err error) {
	if s.doubt == "" {
		return false, nil
	}
	if err := s.open(ctx); err != nil {
		return false, err
	}
	rows, err := query(ctx, s.conn, "SELECT txid_status($1::bigint)", s.doubt)
	if err != nil {
		return false, s.set.explain(err)
	}
	status := string(rows[0][0])
	if status == "in progress" {
		return false, &connectors.Unavailable{Err: fmt.Errorf("%s: a transaction is still being committed", s.place())}
	}
	s.doubt = ""
	return status == "committed", nil
}

// rollback ends the transaction, if there is one. A connection on which that does not
// succeed is given up.
func (s *pgStore) rollback() {
	inTx := s.inTx
	s.inTx, s.xid = false, ""
	if s.conn == nil {
		return
	}
	if !s.conn.IsClosed() {
		if !inTx && s.conn.TxStatus() == 'I' {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if _, err := exec(ctx, s.conn, "ROLLBACK"); err == nil {
			return
		}
	}
	s.shut()
}

func (s *pgStore) close() error {
	s.shut()
	return nil
}
