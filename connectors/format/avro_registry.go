package format

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"tidemark/connectors"
)

// avroRegistry knows schemas by their numbers. It is shared by the workers.
type avroRegistry struct {
	client *sr.Client
	url    string

	mu    sync.Mutex
	known map[int]registered

	asking sync.Mutex // held while the registry is asked
	retry  connectors.Retry
}

// registered is a schema, or what is wrong with it.
type registered struct {
	schema *avroType
	err    error
}

const (
	// registryWait is how long the registry may take for an answer.
	registryWait = 10 * time.Second
	// registryStart is how long it is waited for at most in all as long as it has not
	// answered yet: its address may be wrong. One that has answered is waited for without
	// an end.
	registryStart = 20 * time.Second
)

// newAvroRegistry returns the registry that the options name; nil where they name none.
func newAvroRegistry(o connectors.Options, baseDir string) (*avroRegistry, error) {
	const option = "schema_registry.url"
	address, ok := o.Get(option)
	if !ok {
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, &connectors.OptionError{Option: option, Message: "schema_registry.url is no address of a registry", Hint: "write for example 'http://localhost:8081'"}
	}
	if u.User != nil {
		return nil, &connectors.OptionError{Option: option, Message: "schema_registry.url has a user or a password in it", Hint: "write schema_registry.user = '…', schema_registry.password = 'env:NAME'"}
	}
	opts := []sr.ClientOpt{sr.URLs(address), sr.HTTPClient(&http.Client{Timeout: registryWait})}
	password, err := connectors.Secret(o, "schema_registry.password", baseDir)
	if err != nil {
		return nil, err
	}
	if user := o.Text("schema_registry.user", ""); user != "" || password != "" {
		opts = append(opts, sr.BasicAuth(user, password))
	}
	client, err := sr.NewClient(opts...)
	if err != nil {
		return nil, &connectors.OptionError{Option: option, Message: fmt.Sprintf("the schema registry cannot be used: %s", err)}
	}
	return &avroRegistry{client: client, url: address, known: map[int]registered{}, retry: connectors.Retry{Delay: 100 * time.Millisecond, Times: -1, Limit: registryStart}}, nil
}

// errRegistry is that the registry gave no answer about a schema.
var errRegistry = errors.New("cannot be asked")

// Trouble implements connectors.Troubled.
func (g *avroRegistry) Trouble() (since int64, err error) { return g.retry.Trouble() }

// schema returns the schema of a number. While the registry is away it is asked again and
// again, until ctx ends; the error is an errRegistry then.
func (g *avroRegistry) schema(ctx context.Context, id int) (*avroType, error) {
	if k, ok := g.have(id); ok {
		return k.schema, k.err
	}
	g.asking.Lock()
	defer g.asking.Unlock()
	if k, ok := g.have(id); ok { // from another worker, meanwhile
		return k.schema, k.err
	}
	var k registered
	if err := g.ask(ctx, func(ctx context.Context) error {
		k.schema, k.err = g.fetch(ctx, id)
		return k.err
	}); errors.Is(err, errRegistry) {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.known[id] = k
	return k.schema, k.err
}

// have returns what is known of a number.
func (g *avroRegistry) have(id int) (k registered, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	k, ok = g.known[id]
	return k, ok
}

// ask calls f until the registry answers it, and returns its last error. It is called
// with asking held.
func (g *avroRegistry) ask(ctx context.Context, f func(context.Context) error) error {
	var last error // and not that of ctx
	g.retry.Do(ctx, func() error {
		once, cancel := context.WithTimeout(ctx, registryWait)
		defer cancel()
		last = f(once)
		return last
	})
	if !connectors.IsUnavailable(last) {
		g.retry.Limit = 0
	}
	return last
}

func (g *avroRegistry) fetch(ctx context.Context, id int) (*avroType, error) {
	s, err := g.client.SchemaByID(ctx, id)
	if err != nil {
		return nil, g.explain(err, fmt.Sprintf("schema %d", id))
	}
	if s.Type != sr.TypeAvro {
		return nil, fmt.Errorf("schema %d of the registry is one of %s, and one of Avro is expected", id, s.Type)
	}
	known, err := g.references(ctx, s.References, nil, map[string]bool{})
	if err != nil {
		return nil, err
	}
	t, err := parseAvro(s.Schema, known...)
	if err != nil {
		return nil, fmt.Errorf("schema %d of the registry: %w", id, err)
	}
	return t, nil
}

// references appends the schemas that are referred to, each behind those that it
// refers to itself.
func (g *avroRegistry) references(ctx context.Context, refs []sr.SchemaReference, known []string, seen map[string]bool) ([]string, error) {
	for _, ref := range refs {
		what := fmt.Sprintf("version %d of %s", ref.Version, ref.Subject)
		if seen[what] {
			continue
		}
		seen[what] = true
		s, err := g.client.SchemaByVersion(ctx, ref.Subject, ref.Version)
		if err != nil {
			return nil, g.explain(err, what)
		}
		if known, err = g.references(ctx, s.References, known, seen); err != nil {
			return nil, err
		}
		known = append(known, s.Schema.Schema)
	}
	return known, nil
}

// explain words what the registry says about a schema. An error that may pass is
// Unavailable.
func (g *avroRegistry) explain(err error, what string) error {
	asked := func(why string) error {
		return fmt.Errorf("the schema registry %s %w about %s: %s", g.url, errRegistry, what, why)
	}
	var answer *sr.ResponseError
	if !errors.As(err, &answer) {
		text := err.Error()
		if at := strings.LastIndex(text, "dial tcp"); at >= 0 {
			text = text[at:]
		} else if errors.Is(err, context.DeadlineExceeded) {
			text = "it does not answer in time"
		}
		return &connectors.Unavailable{Err: asked(text)}
	}
	switch code := answer.StatusCode; {
	case code == http.StatusNotFound:
		return fmt.Errorf("the schema registry %s does not know %s", g.url, what)
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return asked("it refuses the user or the password")
	case code == http.StatusRequestTimeout || code == http.StatusTooManyRequests || code >= http.StatusInternalServerError:
		return &connectors.Unavailable{Err: asked(fmt.Sprintf("it answers %d %s", code, http.StatusText(code)))}
	}
	return asked(answer.Message)
}

// register returns the number of a schema, which is made known under the subject where it
// is not yet.
func (g *avroRegistry) register(ctx context.Context, subject, schema string) (id int, err error) {
	g.asking.Lock()
	defer g.asking.Unlock()
	err = g.ask(ctx, func(ctx context.Context) error {
		s, err := g.client.CreateSchema(ctx, subject, sr.Schema{Schema: schema, Type: sr.TypeAvro})
		if err != nil {
			return g.explain(err, "the schema for "+subject)
		}
		id = s.ID
		return nil
	})
	if err != nil && !connectors.IsUnavailable(err) {
		err = &connectors.OptionError{Option: "schema_registry.url", Message: err.Error(),
			Hint: "if it does not fit the versions before it, write under another name: schema_registry.subject"}
	}
	return id, err
}
