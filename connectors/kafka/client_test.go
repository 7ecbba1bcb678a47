package kafka

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"tidemark/connectors"
	"tidemark/connectors/tlstest"
)

// reach asks a cluster for its metadata.
func reach(ctx context.Context, o connectors.Options, dir string) error {
	c, err := newClient(o, dir, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Metadata(ctx, &kafka.MetadataRequest{})
	return c.explain(err)
}

func TestAuthentication(t *testing.T) {
	t.Setenv("KAFKA_TEST_PASSWORD", "pass-w0rd")
	t.Setenv("KAFKA_TEST_WRONG", "pass-wrong")
	for _, m := range mechanisms {
		t.Run(m, func(t *testing.T) {
			c := newCluster(t, kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser(m, "anna", "pass-w0rd"))
			ctx := testContext(t)
			o := options(c, "sasl_mechanism", m, "sasl_username", "anna", "sasl_password", "env:KAFKA_TEST_PASSWORD")
			if err := reach(ctx, o, ""); err != nil {
				t.Error(err)
			}
			err := reach(ctx, o.With("sasl_password", "env:KAFKA_TEST_WRONG"), "")
			wantError(t, err, "name or password is wrong") // the fake ends the connection
			if strings.Contains(err.Error(), "pass-wrong") {
				t.Error(err)
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("pass-w0rd\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := reach(ctx, o.With("sasl_password", "file:secret"), dir); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestClientOptions(t *testing.T) {
	base := map[string]string{"brokers": "localhost"}
	for _, c := range []struct {
		pairs string
		want  string
	}{
		{"brokers=", "brokers"},
		{"brokers=a:b", "'a:b' is not an address"},
		{"brokers=a,,b", "empty part"},
		{"sasl_username=u", "without sasl_mechanism"},
		{"sasl_mechanism=PLAIN", "needs sasl_username and sasl_password"},
		{"sasl_mechanism=PLAIN sasl_username=u sasl_password=hunter2", "must not be written out"},
		{"sasl_mechanism=PLAIN sasl_username=u sasl_password=env:KAFKA_TEST_NOWHERE", "environment variable KAFKA_TEST_NOWHERE is not set"},
		{"sasl_mechanism=PLAIN sasl_username=u sasl_password=file:nowhere", "there is no file"},
		{"tls_ca=x", "without tls"},
		{"tls=true tls_ca=nowhere", "no such file"},
		{"tls=true tls_certificate=x", "only together"},
	} {
		o := connectors.NewOptions(base)
		for _, p := range strings.Fields(c.pairs) {
			k, v, _ := strings.Cut(p, "=")
			o = o.With(k, v)
		}
		_, err := newClient(o, "", nil)
		wantError(t, err, c.want)
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret is in %q", err)
		}
	}
}

func TestTLS(t *testing.T) {
	server := tlstest.New(t)
	c := newCluster(t, kfake.NumBrokers(1), kfake.TLS(&tls.Config{Certificates: []tls.Certificate{server.Certificate}}))
	ctx := testContext(t)
	if err := reach(ctx, options(c, "tls", "true", "tls_ca", server.CA), ""); err != nil {
		t.Error(err)
	}
	wantError(t, reach(ctx, options(c, "tls", "true"), ""), "not to be trusted", "tls_ca")
	wantError(t, reach(ctx, options(c, "tls", "true", "tls_ca", tlstest.New(t).CA), ""), "not to be trusted", "unknown authority")
	wantError(t, reach(ctx, options(c), ""), "Kafka at 127.0.0.1")
}

// TestUnreachable checks that a broker that is not there is an error that may pass.
func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	err = reach(testContext(t), connectors.NewOptions(map[string]string{"brokers": l.Addr().String()}), "")
	wantError(t, err, "Kafka at "+l.Addr().String(), "connection refused")
	if !connectors.IsUnavailable(err) {
		t.Error("it may pass")
	}
}

func TestSynonyms(t *testing.T) {
	o, err := canonical(connectors.NewOptions(map[string]string{"properties.bootstrap.servers": "a:1", "properties.group.id": "g"}))
	if err != nil || o.Text("brokers", "") != "a:1" || o.Text("group_id", "") != "g" {
		t.Error(o, err)
	}
	_, err = canonical(connectors.NewOptions(map[string]string{"properties.bootstrap.servers": "a:1", "brokers": "b:1"}))
	wantError(t, err, "two values")
}
