//go:build integration

package kafka

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/connectors/kafka/kafkatest"
	"tidemark/connectors/tlstest"
)

// TestIntegrationSecure writes to a real Kafka and reads from it over TLS, as a user with
// a password, and has it refuse others.
func TestIntegrationSecure(t *testing.T) {
	c := tlstest.New(t)
	dir := t.TempDir()
	pem := filepath.Join(dir, "server.pem")
	if err := os.WriteFile(pem, append(c.Key, c.Cert...), 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := kafkatest.Start("KAFKA_TLS_PEM=" + pem)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	t.Setenv("KAFKA_TEST_PASSWORD", "secret")
	t.Setenv("KAFKA_TEST_WRONG", "hunter2")
	secure := []string{"brokers", server.Secure, "tls", "true", "tls_ca", c.CA, "sasl_username", "tidemark", "sasl_password", "env:KAFKA_TEST_PASSWORD"}
	for _, m := range mechanisms {
		t.Run(m, func(t *testing.T) {
			ctx := testContext(t)
			as := append([]string{"sasl_mechanism", m}, secure...)
			r := newRig(t, server.Brokers, 3)
			s, _ := r.exact(as...)
			r.write(s, numbered(0, 30))
			r.commit(s, 1, 30)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			plain := r.open(r.config(nil, as...))
			r.write(plain, numbered(30, 10))
			r.flush(plain)
			r.committed(expect(0, 40)...)

			topic := newTopic(ctx, t, server.Brokers, 1)
			write(ctx, t, writer(t, server.Brokers), topic, 0, 0, 5)
			o := optionsFor("", append(as, "topic", topic, "scan.bounded.mode", "latest")...)
			rows, err := readAll(ctx, t, o)
			if got := numbers(rows, ""); err != nil || got != "0 1 2 3 4" {
				t.Errorf("read %s, %v", got, err)
			}
			for _, refused := range []struct{ option, value, want string }{
				{"sasl_password", "env:KAFKA_TEST_WRONG", "the user's name or password is wrong"},
				{"sasl_username", "nobody", "the user's name or password is wrong"},
				{"tls_ca", tlstest.New(t).CA, "the broker's certificate is not to be trusted: x509: certificate signed by unknown authority"},
				{"brokers", strings.Replace(server.Secure, "127.0.0.1", "localhost", 1), "the broker's certificate is not to be trusted: x509: certificate is not valid for any names, but wanted to match localhost"},
			} {
				err := reach(ctx, o.With(refused.option, refused.value), "")
				wantError(t, err, refused.want)
				if connectors.IsUnavailable(err) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "secret") {
					t.Errorf("%s: %v", refused.option, err)
				}
			}
		})
	}
	ctx := testContext(t)
	wantError(t, reach(ctx, optionsFor(server.Secure), ""), "speak")
	wantError(t, reach(ctx, optionsFor(server.Brokers, "tls", "true", "tls_ca", c.CA), ""), "where they do not speak TLS")
	wantError(t, reach(ctx, optionsFor(server.Secure, "tls", "true", "tls_ca", c.CA), ""), "Kafka at 127.0.0.1") // without a user
}
