package probe

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
)

// entry is one target as it is written.
type entry struct {
	Target       string            `yaml:"target"`
	UPS          []string          `yaml:"ups"`
	Username     string            `yaml:"username"`
	Password     config.Secret     `yaml:"password"`
	PasswordFile string            `yaml:"password_file"`
	TLS          string            `yaml:"tls"`
	TLSConfig    *config.TLSConfig `yaml:"tls_config"`
	Timeout      model.Duration    `yaml:"timeout"`
	Labels       map[string]string `yaml:"labels"`
}

const (
	defaultTimeout = 5 * time.Second
	maxTimeout     = 25 * time.Second // so that the page is out before the web server gives up on it
)

// target checks the entry and makes it what it means.
func (e *entry) target(dir string) (Target, error) {
	t := Target{
		Labels: e.Labels, UPS: e.UPS, Timeout: time.Duration(e.Timeout),
		user: e.Username, password: string(e.Password),
	}
	if e.Target == "" {
		return t, errors.New("there is no target, as in \"target: nas.example.org:3493\"")
	}
	var err error
	if t.Address, err = Address(e.Target); err != nil {
		return t, fmt.Errorf("target: %w", err)
	}
	if err := e.check(); err != nil {
		return t, err
	}
	if t.Timeout == 0 {
		t.Timeout = defaultTimeout
	}
	if e.PasswordFile != "" {
		t.passwordFile = config.JoinDir(dir, e.PasswordFile)
		if _, err := t.secret(); err != nil {
			return t, err
		}
	}
	return t, e.secure(&t, dir)
}

func (e *entry) check() error {
	switch {
	case e.Password != "" && e.PasswordFile != "":
		return errors.New("password and password_file are two of the same")
	case (e.Password != "" || e.PasswordFile != "") && e.Username == "":
		return errors.New("password needs a username")
	case e.Timeout < 0 || time.Duration(e.Timeout) > maxTimeout:
		return fmt.Errorf("timeout: it is more than %v", maxTimeout)
	}
	for _, ups := range e.UPS {
		if !IsName(ups) {
			return fmt.Errorf("ups: %q cannot be the name of a UPS", ups)
		}
	}
	for name := range e.Labels {
		if !model.LegacyValidation.IsValidLabelName(name) || strings.HasPrefix(name, model.ReservedLabelPrefix) || name == "ups" {
			return fmt.Errorf("labels: %q cannot be a label of yours", name)
		}
	}
	return nil
}

// secure works out how to speak TLS with the target. Where TLS may be left out
// altogether, a bad certificate is no worse than that; whoever says which are
// good means it.
func (e *entry) secure(t *Target, dir string) error {
	t.encrypt = e.TLS
	switch e.TLS {
	case "":
		t.encrypt = encryptTry
		if e.TLSConfig != nil {
			t.encrypt = encryptYes
		}
	case encryptNo, encryptTry, encryptYes:
	default:
		return fmt.Errorf("tls: %q is none of no, try, yes", e.TLS)
	}
	if t.encrypt == encryptNo {
		if e.TLSConfig != nil {
			return errors.New("tls_config: there is no use for it without TLS")
		}
		return nil
	}
	settings := config.TLSConfig{InsecureSkipVerify: t.encrypt == encryptTry}
	if e.TLSConfig != nil {
		settings = *e.TLSConfig
	}
	settings.SetDirectory(dir)
	var err error
	if t.tls, err = config.NewTLSConfig(&settings); err != nil {
		return fmt.Errorf("tls_config: %w", err)
	}
	return nil
}
