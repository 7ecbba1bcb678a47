package sqldb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"tidemark/connectors"
)

// explain says what an error of the driver means, by the database's name. One that may
// pass is Unavailable.
func (s *pgSettings) explain(err error) error {
	var known *connectors.OptionError
	if err == nil || connectors.IsUnavailable(err) || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return s.explainServer(e)
	}
	if untrusted := connectors.Untrusted(err); untrusted != nil {
		return &connectors.OptionError{Option: "sslmode", Message: fmt.Sprintf("%s: its certificate is not to be trusted: %s", s.where(), untrusted),
			Hint: "name its authority's certificate by sslrootcert, and the server as the certificate does"}
	}
	if strings.Contains(err.Error(), "server refused TLS connection") {
		return &connectors.OptionError{Option: "sslmode", Message: s.where() + " does not speak TLS", Hint: "switch it on there (ssl = on), or leave out sslmode"}
	}
	return &connectors.Unavailable{Err: fmt.Errorf("%s cannot be reached: %s", s.where(), network(err))}
}

// network says in few words what is wrong with a connection.
func network(err error) string {
	var connect *pgconn.ConnectError
	var dial *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("the name '%s' is not known", dns.Name)
	case errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err):
		return "it does not answer in time (connect_timeout)"
	case errors.As(err, &dial) && dial.Err != nil:
		return strings.TrimPrefix(dial.Err.Error(), "connect: ")
	case errors.As(err, &connect):
		return strings.Join(strings.Fields(connect.Unwrap().Error()), " ")
	case strings.Contains(err.Error(), "EOF") || errors.Is(err, pgconn.ErrConnClosed):
		return "the connection was lost"
	}
	return err.Error()
}

// explainServer says what an error of the server means.
func (s *pgSettings) explainServer(e *pgconn.PgError) error {
	switch e.Code {
	case "28P01", "28000":
		return &connectors.OptionError{Option: "user", Message: fmt.Sprintf("%s does not let '%s' in: %s", s.where(), s.config.User, e.Message),
			Hint: "set user, and password = 'env:NAME' or 'file:PATH'"}
	case "3D000":
		return &connectors.OptionError{Option: "database", Message: fmt.Sprintf("there is no %s", s.where()), Hint: "create it: CREATE DATABASE " + quoteName(s.config.Database)}
	case "3F000":
		return &connectors.OptionError{Option: "schema", Message: fmt.Sprintf("%s has no schema '%s'", s.where(), s.schema), Hint: "create it: CREATE SCHEMA " + quoteName(s.schema)}
	case "42501":
		return fmt.Errorf("%s: user '%s' may not do this: %s; the owner can GRANT it", s.place(), s.config.User, e.Message)
	case "53100":
		return fmt.Errorf("the disk of the %s is full; what was committed before is untouched", s.where())
	case "55P03":
		return &connectors.Unavailable{Err: fmt.Errorf("%s: another process of the same job, or of others, has locked it: end that process", s.place())}
	}
	if passes(e.Code) {
		return &connectors.Unavailable{Err: fmt.Errorf("%s is not available: %s", s.where(), e.Message)}
	}
	return fmt.Errorf("%s: %s", s.place(), serverText(e))
}

// passes reports whether an error of the server may be gone later: lost connections, a
// server that starts or stops or has too many, deadlocks.
func passes(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", "57P05", "25P03", "53300", "40001", "40P01", "25006":
		return true
	}
	return strings.HasPrefix(code, "08")
}

// serverText is what the server says, with its details and its code.
func serverText(e *pgconn.PgError) string {
	text := e.Message
	if e.Detail != "" {
		text += ": " + strings.TrimSuffix(e.Detail, ".")
	}
	if e.Hint != "" {
		text += " (" + strings.TrimSuffix(e.Hint, ".") + ")"
	}
	return text + " [" + e.Code + "]"
}

// pgRowFault returns what is wrong with a row when err is about one, else nil.
func pgRowFault(err error) *rowFault {
	var own *rowFault
	var e *pgconn.PgError
	switch {
	case errors.As(err, &own):
		return own
	case !errors.As(err, &e):
		return nil
	}
	reason := e.Message
	if _, after, ok := strings.Cut(e.Where, ", column "); ok {
		column, _, _ := strings.Cut(after, ":")
		reason = "column " + column + ": " + reason
	}
	switch e.Code {
	case "23505":
		return &rowFault{reason + ": " + strings.TrimSuffix(e.Detail, "."), "declare these columns as the PRIMARY KEY to replace the row, or leave it out"}
	case "23502":
		return &rowFault{reason, "give the column a value with COALESCE, or leave such rows out"}
	case "23503":
		return &rowFault{reason + ": " + strings.TrimSuffix(e.Detail, "."), "the row that it refers to must be there first"}
	case "22021", "22P05":
		return &rowFault{reason, "PostgreSQL has no NUL in texts: take it out with REPLACE(column, CHR(0), ''), or store the column as BYTES"}
	}
	switch e.Code[:min(2, len(e.Code))] {
	case "22":
		return &rowFault{reason, "convert the value in the query, or change the type of the table's column"}
	case "23", "44", "54", "P0":
		return &rowFault{reason, "leave such rows out, or change the table"}
	}
	return nil
}
