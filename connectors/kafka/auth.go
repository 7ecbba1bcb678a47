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

// saslUser returns who connects, and how that is shown; no name when the options say
// nothing of it.
func saslUser(o connectors.Options) (name, user string, err error) {
	name, err = o.Enum("sasl_mechanism", "", mechanisms...)
	if err != nil {
		return "", "", err
	}
	user = o.Text("sasl_username", "")
	switch {
	case name == "" && (user != "" || o.Has("sasl_password")):
		given := "sasl_username"
		if user == "" {
			given = "sasl_password"
		}
		return "", "", &connectors.OptionError{Option: given, Message: "sasl_username and sasl_password do nothing without sasl_mechanism", Hint: "add sasl_mechanism = 'SCRAM-SHA-512' or what the brokers take"}
	case name != "" && (user == "" || !o.Has("sasl_password")):
		return "", "", &connectors.OptionError{Option: "sasl_mechanism", Message: "sasl_mechanism needs sasl_username and sasl_password", Hint: "write the password as 'env:NAME' or 'file:PATH'"}
	}
	return name, user, nil
}

// mechanism returns what the options say of who connects; nil when they say nothing.
func mechanism(o connectors.Options, baseDir string) (sasl.Mechanism, error) {
	name, user, err := saslUser(o)
	if err != nil || name == "" {
		return nil, err
	}
	password, err := connectors.Secret(o, "sasl_password", baseDir)
	if err != nil {
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

// tlsOn reports whether the connections are encrypted, by options that fit together.
func tlsOn(o connectors.Options) (bool, error) {
	on, err := o.Bool("tls", false)
	if err != nil {
		return false, err
	}
	for _, name := range []string{"tls_ca", "tls_certificate", "tls_key"} {
		if !on && o.Has(name) {
			return false, &connectors.OptionError{Option: name, Message: name + " does nothing without tls", Hint: "add tls = 'true'"}
		}
	}
	if has := o.Has("tls_certificate"); has != o.Has("tls_key") {
		given := "tls_key"
		if has {
			given = "tls_certificate"
		}
		return false, &connectors.OptionError{Option: given, Message: "tls_certificate and tls_key are of use only together"}
	}
	return on, nil
}

// tlsConfig returns what the options say of encryption; nil for none.
func tlsConfig(o connectors.Options, baseDir string) (*tls.Config, error) {
	on, err := tlsOn(o)
	if err != nil || !on {
		return nil, err
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.Has("tls_ca") {
		if cfg.RootCAs, err = connectors.Authorities(o, "tls_ca", baseDir); err != nil {
			return nil, err
		}
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
