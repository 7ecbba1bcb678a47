// Package redis keeps the rows of a keyed table as hashes in Redis, from where a
// service reads them by key.
//
// A row is the hash whose key is the prefix and the values of the primary key. Each
// column is a field with the value's text (BYTES as they are), a column that is NULL has
// no field. A row that is deleted deletes the hash.
package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"tidemark/connectors"
)

// Connector returns the Redis connector, which writes.
func Connector() connectors.Connector {
	return connectors.Connector{
		Name: "redis",
		Doc:  "Hashes in Redis, one for each row of a keyed table, which takes upserts and deletes.",
		Options: []connectors.OptionSpec{
			{Name: "url", Sink: true, Doc: "The server, such as 'redis://user@host:6379/0', or 'rediss://…' with TLS, without a password."},
			{Name: "tls_ca", Kind: "path", Default: "the system's", Sink: true, Doc: "A file of the certificates, in PEM form, by which the server's is checked where the url says TLS."},
			{Name: "host", Default: "localhost", Sink: true, Doc: "The server's name."},
			{Name: "port", Kind: "int", Default: "6379", Sink: true, Doc: "The server's port."},
			{Name: "database", Kind: "int", Default: "0", Sink: true, Doc: "The number of the database."},
			{Name: "user", Sink: true, Doc: "Who connects, where the server has several."},
			{Name: "password", Secret: true, Sink: true, Doc: "Where the password is: 'env:NAME' or 'file:PATH'."},
			{Name: "prefix", Default: "the relation's name and a colon", Sink: true, Doc: "What the key of every hash begins with."},
			{Name: "separator", Kind: "char", Default: ":", Sink: true, Doc: "What stands between the values of a primary key of several columns; within them it is written with a backslash before it."},
			{Name: "ttl", Kind: "duration", Default: "without limit", Sink: true, Doc: "How long a hash is kept after its last change."},
			{Name: "commit_rows", Kind: "int", Default: "8192", Sink: true, Doc: "Without checkpoints: send after this many rows, not only at the end and when no more are waiting."},
			{Name: "connect_timeout", Kind: "duration", Default: "10s", Sink: true, Doc: "How long to wait for a connection, and for an answer."},
			{Name: "retry_timeout", Kind: "duration", Default: "5m", Sink: true, Doc: "How long to try again, later and later, when the server is gone."},
		},
		Check:      func(o connectors.Options, _ bool) error { return (&settings{}).address(o) },
		NewSink:    NewSink,
		AppendOnly: func(connectors.Options, bool) bool { return false },
	}
}

// quiet drops what the client library would print: the errors say it.
type quiet struct{}

// Printf prints nothing.
func (quiet) Printf(context.Context, string, ...any) {}

// settings say which server, and how keys are made.
type settings struct {
	options    redis.Options
	prefix     string
	separator  byte
	ttl        time.Duration
	commitRows int64
	retry      time.Duration
}

func newSettings(cfg *connectors.SinkConfig) (*settings, error) {
	if len(cfg.Key) == 0 {
		return nil, &connectors.OptionError{Option: "connector", Message: "connector 'redis' keeps rows by key, and this relation has none", Hint: "declare a TABLE with a PRIMARY KEY"}
	}
	o := cfg.Options
	s := &settings{prefix: o.Text("prefix", cfg.Name+":")}
	if err := s.address(o); err != nil {
		return nil, err
	}
	if err := s.trust(o, cfg.BaseDir); err != nil {
		return nil, err
	}
	var err error
	if s.options.Password, err = connectors.Secret(o, "password", cfg.BaseDir); err != nil {
		return nil, err
	}
	if s.separator, err = o.Char("separator", ':'); err != nil {
		return nil, err
	}
	if s.ttl, err = o.Duration("ttl", 0); err != nil {
		return nil, err
	}
	if s.commitRows, err = o.Int("commit_rows", 8192, 1, 1<<20); err != nil {
		return nil, err
	}
	if s.retry, err = o.Duration("retry_timeout", 5*time.Minute); err != nil {
		return nil, err
	}
	timeout, err := o.Duration("connect_timeout", 10*time.Second)
	if err != nil {
		return nil, err
	}
	s.options.DialTimeout, s.options.ReadTimeout, s.options.WriteTimeout = timeout, timeout, timeout
	// The sink itself tries again.
	s.options.MaxRetries, s.options.DialerRetries, s.options.PoolSize = -1, 1, 1
	s.options.Protocol, s.options.DisableIdentity = 2, true
	return s, nil
}

// errNoTLS says that an option is of no use.
var errNoTLS = &connectors.OptionError{Option: "tls_ca", Message: "tls_ca does nothing without TLS", Hint: "write for example url = 'rediss://user@localhost:6379/0'"}

// address reads the options that name the server.
func (s *settings) address(o connectors.Options) error {
	if o.Has("url") {
		return s.url(o)
	}
	if o.Has("tls_ca") {
		return errNoTLS
	}
	port, err := o.Int("port", 6379, 1, math.MaxUint16)
	if err != nil {
		return err
	}
	database, err := o.Int("database", 0, 0, math.MaxInt32)
	if err != nil {
		return err
	}
	s.options.Addr = net.JoinHostPort(o.Text("host", "localhost"), strconv.FormatInt(port, 10))
	s.options.Username, s.options.DB = o.Text("user", ""), int(database)
	return nil
}

func (s *settings) url(o connectors.Options) error {
	const example = "redis://user@localhost:6379/0"
	u, err := connectors.ParseAddress(o, "url", example, "redis", "rediss")
	if err != nil {
		return err
	}
	if err := connectors.OnlyAddress(o, "url", "host", "port", "database", "user"); err != nil {
		return err
	}
	host, port := u.Hostname(), u.Port()
	if port == "" {
		port = "6379"
	}
	s.options.Addr, s.options.Username = net.JoinHostPort(host, port), u.User.Username()
	switch {
	case u.Scheme == "rediss":
		s.options.TLSConfig = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	case o.Has("tls_ca"):
		return errNoTLS
	}
	if path := strings.Trim(u.Path, "/"); path != "" {
		if s.options.DB, err = strconv.Atoi(path); err != nil || s.options.DB < 0 {
			return &connectors.OptionError{Option: "url", Message: fmt.Sprintf("'%s' in the url is not the number of a database", path), Hint: "write for example url = '" + example + "'"}
		}
	}
	return nil
}

// trust reads the option that says whose certificates are good.
func (s *settings) trust(o connectors.Options, baseDir string) (err error) {
	if o.Has("tls_ca") {
		s.options.TLSConfig.RootCAs, err = connectors.Authorities(o, "tls_ca", baseDir)
	}
	return err
}

// where names the server for messages.
func (s *settings) where() string { return "Redis at " + s.options.Addr }

// explain says what an error means. One that may pass is Unavailable.
func (s *settings) explain(err error) error {
	var known *connectors.OptionError
	var overtaken *connectors.Overtaken
	if err == nil || connectors.IsUnavailable(err) || errors.As(err, &known) || errors.As(err, &overtaken) || errors.Is(err, context.Canceled) {
		return err
	}
	if untrusted := connectors.Untrusted(err); untrusted != nil {
		return &connectors.OptionError{Option: "url", Message: fmt.Sprintf("%s: its certificate is not to be trusted: %s", s.where(), untrusted),
			Hint: "name the authority's certificate by tls_ca"}
	}
	var answer redis.Error
	if !errors.As(err, &answer) {
		return &connectors.Unavailable{Err: fmt.Errorf("%s cannot be reached: %s", s.where(), network(err))}
	}
	text := answer.Error()
	word, _, _ := strings.Cut(text, " ")
	switch word {
	case "NOAUTH", "WRONGPASS", "NOPERM":
		return &connectors.OptionError{Option: "password", Message: fmt.Sprintf("%s does not let us in: %s", s.where(), text), Hint: "set password = 'env:NAME' or 'file:PATH', and user where the server has several"}
	case "LOADING", "BUSY", "READONLY", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN":
		return &connectors.Unavailable{Err: fmt.Errorf("%s is not available: %s", s.where(), text)}
	case "OOM":
		return fmt.Errorf("%s has no more memory (maxmemory); what was committed before is untouched", s.where())
	case "MOVED", "CROSSSLOT":
		return fmt.Errorf("%s is a part of a cluster, which cannot be written to all at once: %s", s.where(), text)
	}
	return fmt.Errorf("%s: %s", s.where(), text)
}

// network says in few words what is wrong with a connection.
func network(err error) string {
	var operation *net.OpError
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("the name '%s' is not known", dns.Name)
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it does not answer in time (connect_timeout)"
	case errors.As(err, &operation):
		return strings.TrimPrefix(operation.Err.Error(), "connect: ")
	case strings.Contains(err.Error(), "EOF"):
		return "the connection was lost"
	}
	return err.Error()
}
