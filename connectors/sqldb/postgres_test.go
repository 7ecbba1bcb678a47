package sqldb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// pgOptions makes options from "name=value name=value".
func pgOptions(text string) connectors.Options {
	m := map[string]string{}
	for _, f := range strings.Fields(text) {
		name, value, _ := strings.Cut(f, "=")
		m[name] = value
	}
	return connectors.NewOptions(m)
}

// clearPG makes the test independent of the variables of the machine.
func clearPG(t *testing.T) {
	t.Helper()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "PG") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	t.Setenv("PGPASSFILE", filepath.Join(t.TempDir(), "none"))
}

func TestPostgresOptions(t *testing.T) {
	clearPG(t)
	t.Setenv("TM_PASSWORD", "hunter2")
	s, err := newPgSettings("agg", pgOptions("host=db.example port=5433 database=it's user=me password=env:TM_PASSWORD sslmode=disable schema=out"), "")
	if err != nil {
		t.Fatal(err)
	}
	if c := s.config; c.Host != "db.example" || c.Port != 5433 || c.Database != "it's" || c.User != "me" || c.Password != "hunter2" || c.TLSConfig != nil {
		t.Errorf("got %s %d %s %s", c.Host, c.Port, c.Database, c.User)
	}
	if got := s.place() + " " + s.quoted(`a"b`); got != `database 'it's' at db.example:5433, table agg "out"."a""b"` {
		t.Error(got)
	}
	if s, err = newPgSettings("agg", pgOptions("url=postgres://me@db.example/app password=env:TM_PASSWORD"), ""); err != nil || s.config.Password != "hunter2" || s.where() != "database 'app' at db.example:5432" {
		t.Errorf("by a url: %v", err)
	}
	for options, want := range map[string]string{
		"url=postgres://me:hunter2@db/app":               "the url must not have the password in it (take it out, and write password = 'env:NAME' or password = 'file:PATH')",
		"url=postgres://me@db/app?sslpassword=hunter2":   "the url must not have the password in it (take it out, and write password = 'env:NAME' or password = 'file:PATH')",
		"url=postgres://me:hunter2@db:port/app":          "the url is not the address of a server (write for example url = 'postgres://user@localhost:5432/database')",
		"url=host=db":                                    "the url is not the address of a server (write for example url = 'postgres://user@localhost:5432/database')",
		"url=postgres://db/app user=me":                  "the url says it all, and user says it again (leave out one of the two)",
		"password=hunter2":                               "password must not be written out, but say where the secret is (write password = 'env:NAME' for an environment variable, or password = 'file:PATH' for a file)",
		"port=0":                                         "port = 0 is out of range (it must be between 1 and 65535)",
		"sslmode=on":                                     "sslmode = 'on' is none of its values (there are: disable, allow, prefer, require, verify-ca, verify-full)",
		"table=out.agg":                                  "table = 'out.agg' has a dot (write schema = 'out', table = 'agg')",
		"table=" + strings.Repeat("x", 64):               "table = '" + strings.Repeat("x", 64) + "' is longer than the 63 bytes that PostgreSQL keeps of a name (choose a shorter one)",
		"sslmode=verify-ca sslrootcert=/gone/ca host=db": "sslrootcert: '/gone/ca' cannot be read: no such file or directory",
		"url=postgres://me@db/app?sslmode=verify-ca&sslrootcert=/gone/ca": "the options and the PG… variables of the environment do not make an address of a database (write for example url = 'postgres://user@localhost:5432/database')",
	} {
		_, err := newPgSettings("agg", pgOptions(options), "")
		if err == nil || err.Error() != want {
			t.Errorf("%s: got\n%v\nwant\n%s", options, err, want)
		}
	}
	_, err = NewPostgresSink(connectors.SinkConfig{Name: "agg", Schema: schema, Options: pgOptions("host=127.0.0.1 port=1 database=app user=me password=env:TM_PASSWORD")})
	if want := "database 'app' at 127.0.0.1:1 cannot be reached: connection refused"; err == nil || err.Error() != want || !connectors.IsUnavailable(err) {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestPostgresErrors(t *testing.T) {
	clearPG(t)
	s, err := newPgSettings("agg", pgOptions("host=db database=app user=me"), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err    error
		passes bool
		want   string
	}{
		{&pgconn.PgError{Code: "28P01", Message: `password authentication failed for user "me"`}, false,
			`database 'app' at db:5432 does not let 'me' in: password authentication failed for user "me" (set user, and password = 'env:NAME' or 'file:PATH')`},
		{&pgconn.PgError{Code: "3D000"}, false, `there is no database 'app' at db:5432 (create it: CREATE DATABASE "app")`},
		{&pgconn.PgError{Code: "42501", Message: "permission denied for table agg"}, false, "database 'app' at db:5432, table agg: user 'me' may not do this: permission denied for table agg; the owner can GRANT it"},
		{&pgconn.PgError{Code: "53100"}, false, "the disk of the database 'app' at db:5432 is full; what was committed before is untouched"},
		{&pgconn.PgError{Code: "57P01", Message: "terminating connection due to administrator command"}, true, "database 'app' at db:5432 is not available: terminating connection due to administrator command"},
		{&pgconn.PgError{Code: "08006", Message: "gone"}, true, "database 'app' at db:5432 is not available: gone"},
		{&pgconn.PgError{Code: "55P03"}, true, "database 'app' at db:5432, table agg: another process of the same job, or of others, has locked it: end that process"},
		{&pgconn.PgError{Code: "42703", Message: "no such column", Detail: "There is none.", Hint: "Look."}, false, "database 'app' at db:5432, table agg: no such column: There is none (Look) [42703]"},
		{io.ErrUnexpectedEOF, true, "database 'app' at db:5432 cannot be reached: the connection was lost"},
		{context.DeadlineExceeded, true, "database 'app' at db:5432 cannot be reached: it does not answer in time (connect_timeout)"},
		{context.Canceled, false, "context canceled"},
	} {
		if got := s.explain(c.err); got.Error() != c.want || connectors.IsUnavailable(got) != c.passes {
			t.Errorf("got  %v\nwant %s", got, c.want)
		}
	}
	fault := pgRowFault(&pgconn.PgError{Code: "22P02", Message: `invalid input syntax for type integer: "x"`, Where: `COPY tidemark_stage, line 3, column n: "x"`})
	if want := `column n: invalid input syntax for type integer: "x"`; fault == nil || fault.reason != want {
		t.Errorf("got %v, want %s", fault, want)
	}
	if fault := pgRowFault(errors.New("gone")); fault != nil {
		t.Errorf("got %v", fault)
	}
}

func TestPostgresStatements(t *testing.T) {
	clearPG(t)
	set, err := newPgSettings("agg", pgOptions("host=db schema=out"), "")
	if err != nil {
		t.Fatal(err)
	}
	columns := []tableColumn{{name: "window_start"}, {name: `User "id"`, typ: "varchar"}, {name: "total", typ: "int4"}}
	s := newPgStore(set, &connectors.SinkConfig{Schema: schema, Key: []int{0, 1}}, nil, columns)
	got := strings.Join([]string{
		s.staging, s.insert, s.remove,
		pgLookup(set.quoted("agg"), schema, []int{2}, columns),
		pgLookup(set.quoted("agg"), schema, []int{2, 1}, columns),
		createStatement(&pgTable{set: set}, set.quoted("agg"), schema, []int{0, 1}),
	}, "\n")
	const want = `CREATE TEMPORARY TABLE IF NOT EXISTS tidemark_stage ON COMMIT DELETE ROWS AS SELECT "window_start", "User ""id""", "total" FROM "out"."agg" WITH NO DATA
INSERT INTO "out"."agg" ("window_start", "User ""id""", "total") SELECT "window_start", "User ""id""", "total" FROM pg_temp.tidemark_stage ORDER BY "window_start", "User ""id""" ON CONFLICT ("window_start", "User ""id""") DO UPDATE SET "total" = excluded."total"
DELETE FROM "out"."agg" t USING pg_temp.tidemark_stage s WHERE t."window_start" = s."window_start" AND t."User ""id""" = s."User ""id"""
SELECT "window_start", "User ""id""", "total" FROM "out"."agg" WHERE "total" = ANY ($1::bigint[])
SELECT "window_start", "User ""id""", "total" FROM "out"."agg" WHERE ("total", "User ""id""") IN (SELECT * FROM unnest($1::bigint[], $2::text[]))
CREATE TABLE "out"."agg" ("window_start" timestamptz NOT NULL, "user_id" text NOT NULL, "total" numeric(12,2), PRIMARY KEY ("window_start", "user_id"))`
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestCopyText checks the text form of COPY, read in small pieces.
func TestCopyText(t *testing.T) {
	s := data.Schema{{Name: "id", Type: data.Of(data.BigInt)}, {Name: "s", Type: data.Of(data.String)}, {Name: "raw", Type: data.Of(data.Bytes)},
		{Name: "list", Type: data.ArrayOf(data.Of(data.String))}, {Name: "m", Type: data.MapOf(data.Of(data.String), data.Of(data.Int))}}
	b := data.NewPool(s).Get()
	for _, r := range [][]string{{"1", "a\tb\\c\n\r'é", "AAE=", `["a\"b\\c",null,"NULL"]`, `{"k\n":1}`}, {"2", "", "", "[]", "{}"}, {"3", "zero", "", "[]", "{}"}} {
		for i, v := range b.Cols {
			if err := data.NewTextParser(v.Type, nil).Append(v, []byte(r[i])); err != nil {
				t.Fatal(err)
			}
		}
		b.N++
	}
	for i, v := range b.Cols {
		v.AppendNull()
		if i == 0 {
			v.Ints[3], v.Null[3] = 4, false
		}
	}
	b.N, b.Changes = 4, []data.Change{data.Insert, data.Insert, data.Delete, data.Insert}
	p := connectors.NewPending(s, []int{0})
	for i := range b.N {
		if err := p.Add(b, i); err != nil {
			t.Fatal(err)
		}
	}
	columns := []tableColumn{{typ: "int8"}, {typ: "text"}, {typ: "bytea"}, {typ: "_text", array: true}, {typ: "jsonb"}}
	r := copyReader{schema: s}
	for i, c := range s {
		r.forms = append(r.forms, pgFormOf(c.Type, columns[i]))
	}
	read := func(deletes bool, columns ...int) string {
		r.start(p, p.Live(), deletes, columns)
		var out []byte
		for piece := make([]byte, 7); ; {
			n, err := r.Read(piece)
			out = append(out, piece[:n]...)
			if err == io.EOF {
				return string(out)
			}
			if err != nil {
				return err.Error()
			}
		}
	}
	want := "1\ta\\tb\\\\c\\n\\r'é\t\\\\x0001\t{\"a\\\\\"b\\\\\\\\c\",NULL,\"NULL\"}\t{\"k\\\\n\":1}\n2\t\t\\\\x\t{}\t{}\n4\t\\N\t\\N\t\\N\t\\N\n"
	if d := cmp.Diff(want, read(false, 0, 1, 2, 3, 4)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if got := read(true, 0); got != "3\n" {
		t.Errorf("deleted: got %q", got)
	}
	p.Rows[1].Bytes[0] = 0
	if got := read(false, 0, 1); got != "column s has a NUL byte" || r.stop() == nil {
		t.Errorf("got %q", got)
	}
	if _, err := r.Read(make([]byte, 1)); err != errStopped {
		t.Errorf("after the end: %v", err)
	}
}

// What options say that does not fit together is found before anything runs.
func TestPostgresCheck(t *testing.T) {
	r := connectors.NewRegistry()
	r.Register(Postgres())
	for _, c := range []struct {
		options map[string]string
		want    string
	}{
		{map[string]string{"host": "db", "password": "env:NOT_SET", "sslrootcert": "not-there.pem"}, ""},
		{map[string]string{"url": "postgres://app:s3@db/shop"}, "the url must not have the password in it"},
		{map[string]string{"url": "db/shop"}, "the url is not the address of a server"},
		{map[string]string{"url": "postgres://app@db/shop", "user": "app"}, "the url says it all, and user says it again"},
		{map[string]string{"table": "a.b"}, "table = 'a.b' has a dot"},
		{map[string]string{"port": "0"}, "port = 0 is out of range"},
	} {
		got := ""
		for _, e := range r.Check("postgres", connectors.NewOptions(c.options), true) {
			got += e.Message
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.options, got, c.want)
		}
	}
}

// A table that another sink makes at the same time is no error, whatever of it is found first.
func TestMadeMeanwhile(t *testing.T) {
	for code, want := range map[string]bool{"42P07": true, "42710": true, "23505": true, "42501": false, "53100": false} {
		if got := madeMeanwhile(fmt.Errorf("making: %w", &pgconn.PgError{Code: code})); got != want {
			t.Errorf("%s: %t", code, got)
		}
	}
	if madeMeanwhile(errors.New("the connection was lost")) {
		t.Error("a lost connection is taken for a table")
	}
}
