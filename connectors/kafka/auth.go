package kafka

import (
	"crypto/tls"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"

	"tidemark/connectors"
)

// mechanisms are the ways of telling the brokers who connects.
var mechanisms = []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}

// mechanism returns what the options say of who connects; nil when they say nothing.
func mechanism(o connectors.Options, baseDir string) (sasl.Mechanism, error) {
	name, err := o.Enum("sasl_mechanism", "", mechanisms...)
	if err != nil {
		return nil, err
	}
	user, password := o.Text("sasl_username", ""), ""
	switch {
	case name == "" && (user != "" || o.Has("sasl_password")):
		return nil, &connectors.OptionError{Option: "sasl_username", Message: "sasl_username and sasl_password do nothing without sasl_mechanism", Hint: "add sasl_mechanism = 'SCRAM-SHA-512' or what the brokers take"}
	case name == "":
		return nil, nil
	case user == "" || !o.Has("sasl_password"):
		return nil, &connectors.OptionError{Option: "sasl_mechanism", Message: "sasl_mechanism needs sasl_username and sasl_password", Hint: "write the password as 'env:NAME' or 'file:PATH'"}
	}
	if password, err = connectors.Secret(o, "sasl_password", baseDir); err != nil {
		return nil, err
	}
	var algorithm scram.Algorithm
	switch name {
	case "PLAIN":
		return plain.Mechanism{Username: user, Password: password}, nil
	case "SCRAM-SHA-256":
		algorithm = scram.SHA256
	default:
		algorithm = scram.SHA512
	}
	m, err := scram.Mechanism(algorithm, user, password)
	if err != nil { // says nothing of the two
		return nil, &connectors.OptionError{Option: "sasl_password", Message: "the user's name or password has characters that " + name + " does not allow"}
	}
	return m, nil
}

// tlsConfig returns what the options say of encryption; nil for none.
func tlsConfig(o connectors.Options, baseDir string) (*tls.Config, error) {
	on, err := o.Bool("tls", false)
	if err != nil {
		return nil, err
	}
	if !on {
		for _, name := range []string{"tls_ca", "tls_certificate", "tls_key"} {
			if o.Has(name) {
				return nil, &connectors.OptionError{Option: name, Message: name + " does nothing without tls", Hint: "add tls = 'true'"}
			}
		}
		return nil, nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.Has("tls_ca") {
		if cfg.RootCAs, err = connectors.Authorities(o, "tls_ca", baseDir); err != nil {
			return nil, err
		}
	}
	if o.Has("tls_certificate") != o.Has("tls_key") {
		return nil, &connectors.OptionError{Option: "tls_certificate", Message: "tls_certificate and tls_key are of use only together"}
	}
	if !o.Has("tls_certificate") {
		return cfg, nil
	}
	certificate, err := connectors.OptionFile(o, "tls_certificate", baseDir)
	if err != nil {
		return nil, err
	}
	key, err := connectors.Secret(o, "tls_key", baseDir)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, []byte(key))
	if err != nil {
		return nil, &connectors.OptionError{Option: "tls_certificate", Message: "tls_certificate and tls_key are not a certificate and its key in PEM form"}
	}
	cfg.Certificates = []tls.Certificate{pair}
	return cfg, nil
}
