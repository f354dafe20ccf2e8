package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// roles are the parts of the service one process takes on.
type roles struct {
	bot    bool // updates, senders, ingest, deliver
	web    bool // HTTP
	worker bool // process, sweep
}

var errRoles = errors.New("roles: want bot, web and worker")

// readRoles reads --roles.
func readRoles(list string) (roles, error) {
	var r roles
	for _, name := range strings.Split(list, ",") {
		switch strings.TrimSpace(name) {
		case "bot":
			r.bot = true
		case "web":
			r.web = true
		case "worker":
			r.worker = true
		default:
			return r, errRoles
		}
	}
	return r, nil
}

func (r roles) all() bool { return r.bot && r.web && r.worker }

// trouble is why the service does not start: one sentence and the exit code.
func (a *app) trouble(code int, err error, key string, pairs ...any) error {
	return &exitError{code: code, text: a.say("serve.error."+key, pairs...), err: err}
}

func newServe(a *app) *cobra.Command {
	var list string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: a.say("serve.short"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.serve(cmd.Context(), os.Environ(), list)
		},
	}
	cmd.Flags().StringVar(&list, "roles", "bot,web,worker", a.say("serve.flag.roles"))
	return cmd
}

// serve runs until ctx ends.
func (a *app) serve(ctx context.Context, environ []string, list string) error {
	r, err := readRoles(list)
	if err != nil {
		return a.trouble(codeUsage, err, "roles")
	}
	set, err := a.settings(environ)
	if err != nil {
		return err
	}
	if set.RedisURL == "" && !r.all() {
		return a.trouble(codeUsage, errRoles, "partial")
	}
	if set.WebhookURL != "" && r.web != r.bot { // what comes in by HTTP is taken in by the bot, in one process
		return a.trouble(codeUsage, errRoles, "webhook")
	}
	s, err := newService(ctx, set, r, a)
	if err != nil {
		return err
	}
	if err := s.run(ctx); err != nil {
		return err
	}
	a.line("serve.stopped")
	return nil
}

// settings reads the environment and tells every mistake, one on a line.
func (a *app) settings(environ []string) (settings, error) {
	set, err := readConfig(environ)
	var wrong badConfig
	if !errors.As(err, &wrong) {
		return set, err
	}
	return set, a.mistakes(wrong)
}

// mistakes tells what is wrong with the environment: wrong usage.
func (a *app) mistakes(wrong badConfig) error {
	a.line("serve.error.config", "count", len(wrong))
	slices.SortStableFunc(wrong, func(x, y mistake) int { return strings.Compare(x.Variable, y.Variable) })
	for _, m := range wrong {
		a.line("serve.error.line", "variable", m.Variable, "what", m.Text)
	}
	return &exitError{code: codeUsage, err: wrong}
}

// line tells one line of the catalogue.
func (a *app) line(key string, pairs ...any) { a.tell(a.say(key, pairs...)) }
