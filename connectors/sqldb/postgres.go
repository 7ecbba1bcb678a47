package sqldb

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"tidemark/connectors"
)

// Postgres returns the PostgreSQL connector, which writes, and looks rows up.
func Postgres() connectors.Connector {
	return connectors.Connector{
		Name: "postgres",
		Doc:  "A table in a PostgreSQL database: a keyed table takes upserts and deletes, a stream is appended. Rows are looked up in it by a join.",
		Options: append([]connectors.OptionSpec{
			{Name: "url", Sink: true, Doc: "The database, such as 'postgres://user@host:5432/database?sslmode=require', without a password. What neither it nor another option says comes from PGHOST, PGUSER and the like."},
			{Name: "host", Default: "localhost", Sink: true, Doc: "The server's name, or the folder of its socket."},
			{Name: "port", Kind: "int", Default: "5432", Sink: true, Doc: "The server's port."},
			{Name: "database", Default: "the user's name", Sink: true, Doc: "The database."},
			{Name: "user", Default: "that of the system", Sink: true, Doc: "Who connects."},
			{Name: "password", Secret: true, Sink: true, Doc: "Where the password is: 'env:NAME' or 'file:PATH'. Without it PGPASSWORD and ~/.pgpass are looked at."},
			{Name: "sslmode", Values: sslModes, Default: "prefer", Sink: true, Doc: "How far the connection is encrypted and the server's certificate checked."},
			{Name: "sslrootcert", Kind: "path", Sink: true, Doc: "The file of the certificates that the server's is checked against."},
			{Name: "schema", Default: "the first of the search path", Sink: true, Doc: "The schema of the table."},
			{Name: "table", Default: "the relation's name", Sink: true, Doc: "The table; it is created when it is not there."},
			{Name: "commit_rows", Kind: "int", Default: "65536", Sink: true, Doc: "Without checkpoints: commit after this many rows, not only at the end and when no more are waiting."},
			{Name: "connect_timeout", Kind: "duration", Default: "10s", Sink: true, Doc: "How long to wait for a connection."},
			{Name: "retry_timeout", Kind: "duration", Default: "5m", Sink: true, Doc: "How long to try again, later and later, when the server is gone."},
		}, lookupOptions...),
		Check:      checkPostgres,
		NewSink:    NewPostgresSink,
		NewLookup:  newPostgresLookup,
		AppendOnly: func(_ connectors.Options, keyed bool) bool { return !keyed },
	}
}

var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

// maxName is how many bytes of a name PostgreSQL keeps; it cuts longer ones.
const maxName = 63

// pgSettings say where a table is.
type pgSettings struct {
	config         *pgconn.Config
	schema, table  string // schema is empty for the search path
	connectTimeout time.Duration
}

func newPgSettings(name string, o connectors.Options, baseDir string) (*pgSettings, error) {
	s := &pgSettings{schema: o.Text("schema", ""), table: o.Text("table", name)}
	if err := s.checkNames(o); err != nil {
		return nil, err
	}
	address, err := pgAddress(o, baseDir)
	if err != nil {
		return nil, err
	}
	if s.connectTimeout, err = o.Duration("connect_timeout", 10*time.Second); err != nil {
		return nil, err
	}
	password, err := connectors.Secret(o, "password", baseDir)
	if err != nil {
		return nil, err
	}
	if s.config, err = pgconn.ParseConfig(address); err != nil {
		// The driver's own words may have parts of a password from the environment.
		return nil, &connectors.OptionError{Option: "url", Message: "the options and the PG… variables of the environment do not make an address of a database", Hint: "write for example url = 'postgres://user@localhost:5432/database'"}
	}
	if password != "" {
		s.config.Password = password
	}
	s.config.ConnectTimeout = s.connectTimeout
	if s.config.RuntimeParams["application_name"] == "" {
		s.config.RuntimeParams["application_name"] = "tidemark"
	}
	return s, nil
}

// checkPostgres finds what is wrong with the options together, without a look at files and
// secrets.
func checkPostgres(o connectors.Options, _ bool) error {
	s := &pgSettings{schema: o.Text("schema", ""), table: o.Text("table", "")}
	if err := s.checkNames(o); err != nil || o.Has("sslrootcert") && !o.Has("url") {
		return err
	}
	_, err := pgAddress(o, "")
	return err
}

func (s *pgSettings) checkNames(o connectors.Options) error {
	for option, name := range map[string]string{"schema": s.schema, "table": s.table} {
		if len(name) > maxName {
			return &connectors.OptionError{Option: option, Message: fmt.Sprintf("%s = '%s' is longer than the %d bytes that PostgreSQL keeps of a name", option, name, maxName), Hint: "choose a shorter one"}
		}
	}
	if before, after, dot := strings.Cut(s.table, "."); dot && s.schema == "" && o.Has("table") {
		return &connectors.OptionError{Option: "table", Message: fmt.Sprintf("table = '%s' has a dot", s.table),
			Hint: fmt.Sprintf("write schema = '%s', table = '%s'", before, after)}
	}
	return nil
}

// pgAddress writes the options as the driver takes them, without the password.
func pgAddress(o connectors.Options, baseDir string) (string, error) {
	if address, ok := o.Get("url"); ok {
		if _, err := connectors.ParseAddress(o, "url", "postgres://user@localhost:5432/database", "postgres", "postgresql"); err != nil {
			return "", err
		}
		return address, connectors.OnlyAddress(o, "url", "host", "port", "database", "user", "sslmode", "sslrootcert")
	}
	var b strings.Builder
	set := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s='%s' ", key, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value))
		}
	}
	set("host", o.Text("host", ""))
	port, err := o.Int("port", 0, 1, math.MaxUint16)
	if err != nil {
		return "", err
	}
	if port > 0 {
		set("port", strconv.FormatInt(port, 10))
	}
	set("dbname", o.Text("database", ""))
	set("user", o.Text("user", ""))
	mode, err := o.Enum("sslmode", "", sslModes...)
	if err != nil {
		return "", err
	}
	set("sslmode", mode)
	if o.Has("sslrootcert") {
		if _, err := connectors.Authorities(o, "sslrootcert", baseDir); err != nil { // in words of our own
			return "", err
		}
		set("sslrootcert", connectors.Resolve(baseDir, o.Text("sslrootcert", "")))
	}
	return b.String(), nil
}

// where names the database for messages.
func (s *pgSettings) where() string {
	c := s.config
	if strings.HasPrefix(c.Host, "/") {
		return fmt.Sprintf("database '%s' at %s", c.Database, c.Host)
	}
	return fmt.Sprintf("database '%s' at %s:%d", c.Database, c.Host, c.Port)
}

// place names the table and its database for messages.
func (s *pgSettings) place() string { return fmt.Sprintf("%s, table %s", s.where(), s.table) }

// quoted is the name of a table beside ours in SQL.
func (s *pgSettings) quoted(table string) string {
	if s.schema == "" {
		return quoteName(table)
	}
	return quoteName(s.schema) + "." + quoteName(table)
}

// session is what every connection begins with: values have one form, and a client
// that is gone is found out.
const session = `SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex'; SET extra_float_digits = 3;
SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET client_min_messages = 'warning';
SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3`

// connect makes a connection.
func (s *pgSettings) connect(ctx context.Context) (*pgconn.PgConn, error) {
	c, err := pgconn.ConnectConfig(ctx, s.config)
	if err != nil {
		return nil, s.explain(err)
	}
	if _, err := exec(ctx, c, session); err != nil {
		hangUp(c)
		return nil, s.explain(err)
	}
	return c, nil
}

// hangUp ends a connection, without waiting long for the other side.
func hangUp(c *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c.Close(ctx)
}

// exec runs statements without parameters and returns their results.
func exec(ctx context.Context, c *pgconn.PgConn, statements string) ([]*pgconn.Result, error) {
	return c.Exec(ctx, statements).ReadAll()
}

// query runs a statement with texts as parameters and returns the rows, as texts; nil
// is NULL.
func query(ctx context.Context, c *pgconn.PgConn, statement string, parameters ...string) ([][][]byte, error) {
	values := make([][]byte, len(parameters))
	for i, p := range parameters {
		values[i] = []byte(p)
	}
	r := c.ExecParams(ctx, statement, values, nil, nil, nil).Read()
	return r.Rows, r.Err
}

// quoteText writes a text as a SQL literal.
func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
