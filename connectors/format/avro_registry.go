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
	mu     sync.Mutex
	known  map[int]registered
}

// registered is a schema, or what is wrong with it.
type registered struct {
	schema *avroType
	err    error
}

// registryWait is how long the registry may take for an answer.
const registryWait = 10 * time.Second

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
	return &avroRegistry{client: client, url: address, known: map[int]registered{}}, nil
}

// errRegistry is that the registry gave no answer about a schema.
var errRegistry = errors.New("cannot be asked")

// down reports whether the registry gave no answer; asked again later, it may.
func (g *avroRegistry) down(err error) bool { return errors.Is(err, errRegistry) }

// schema returns the schema of a number.
func (g *avroRegistry) schema(id int) (*avroType, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	k, ok := g.known[id]
	if !ok {
		k.schema, k.err = g.fetch(id)
		if k.err == nil || !g.down(k.err) {
			g.known[id] = k
		}
	}
	return k.schema, k.err
}

func (g *avroRegistry) fetch(id int) (*avroType, error) {
	ctx, cancel := context.WithTimeout(context.Background(), registryWait)
	defer cancel()
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

// explain words what the registry says about a schema.
func (g *avroRegistry) explain(err error, what string) error {
	var answer *sr.ResponseError
	if errors.As(err, &answer) {
		switch answer.StatusCode {
		case http.StatusNotFound:
			return fmt.Errorf("the schema registry %s does not know %s", g.url, what)
		case http.StatusUnauthorized, http.StatusForbidden:
			return fmt.Errorf("the schema registry %s %w about %s: it refuses the user or the password", g.url, errRegistry, what)
		}
		return fmt.Errorf("the schema registry %s %w about %s: %s", g.url, errRegistry, what, answer.Message)
	}
	text := err.Error()
	if at := strings.LastIndex(text, "dial tcp"); at >= 0 {
		text = text[at:]
	}
	return fmt.Errorf("the schema registry %s %w about %s: %s", g.url, errRegistry, what, text)
}

// register returns the number of a schema, which is made known under the subject where it
// is not yet.
func (g *avroRegistry) register(ctx context.Context, subject, schema string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, registryWait)
	defer cancel()
	s, err := g.client.CreateSchema(ctx, subject, sr.Schema{Schema: schema, Type: sr.TypeAvro})
	if err != nil {
		return 0, &connectors.OptionError{Option: "schema_registry.url", Message: g.explain(err, "the schema for "+subject).Error(),
			Hint: "if it does not fit the versions before it, write under another name: schema_registry.subject"}
	}
	return s.ID, nil
}
