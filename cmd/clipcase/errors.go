package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"clipcase/flows"
)

// The exit codes.
const (
	codeDone   = 0
	codeFailed = 1
	codeUsage  = 2 // wrong usage
	codeInput  = 3 // the input is not acceptable
)

// exitError ends the program with a code and one sentence.
type exitError struct {
	code int
	text string // "" = everything was said already
	err  error
}

func (e *exitError) Error() string {
	if e.text == "" && e.err != nil {
		return e.err.Error()
	}
	return e.text
}

func (e *exitError) Unwrap() error { return e.err }

// usage is wrong usage, in the catalogue's words.
func (a *app) usage(key string, pairs ...any) error {
	return &exitError{code: codeUsage, text: a.say(key, pairs...)}
}

// failed is a failure of ours or of the machine.
func (a *app) failed(err error, key string, pairs ...any) error {
	return &exitError{code: codeFailed, text: a.say(key, pairs...), err: err}
}

// say is words in the program's language; pairs are argument names and values.
func (a *app) say(key string, pairs ...any) string {
	return flows.Render(a.words, a.lang, flows.T(key, pairs...))
}

// why is an error in the catalogue's words where it has some.
func (a *app) why(err error) string {
	var told *flows.Error
	if errors.As(err, &told) {
		return flows.Render(a.words, a.lang, told.Text)
	}
	return err.Error()
}

// tell writes one line for people.
func (a *app) tell(line string) {
	_, _ = fmt.Fprintln(a.err, line) // nobody is left to tell
}

// exit says what went wrong, in one line, and returns the exit code.
func (a *app) exit(ctx context.Context, err error) int {
	if err == nil {
		return codeDone
	}
	if ctx.Err() != nil {
		a.tell("clipcase: " + a.say("cli.interrupted"))
		return codeFailed
	}
	code, text := codeFailed, err.Error()
	var known *exitError
	var told *flows.Error
	switch {
	case errors.As(err, &known):
		code, text = known.code, known.text
	case errors.As(err, &told):
		text = flows.Render(a.words, a.lang, told.Text)
	}
	if text != "" {
		a.tell("clipcase: " + strings.Join(strings.Fields(text), " "))
	}
	return code
}

// language of messages, from the environment; Chinese unless English is asked for.
func language(environ []string) string {
	env := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := strings.ToLower(env[name]); value != "" {
			if strings.HasPrefix(value, "en") {
				return "en"
			}
			return "zh"
		}
	}
	return "zh"
}
