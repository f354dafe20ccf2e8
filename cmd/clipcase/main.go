// Command clipcase turns recordings into what a customer service accepts: as a
// chat bot (serve) and on the command line (prepare). Here everything meets; the
// work itself is done in the packages it wires together.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"clipcase/flows/catalog"
	"clipcase/media/ffmpeg/cage"
)

func main() {
	cage.Enter()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends us at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program but for the process: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	words, err := catalog.Load("")
	if err != nil {
		_, _ = io.WriteString(stderr, "clipcase: "+err.Error()+"\n") // nothing better can be done with a broken stderr
		return codeFailed
	}
	app := &app{words: words, lang: language(os.Environ()), clock: time.Now, out: stdout, err: stderr}
	return app.obey(ctx, args)
}

// obey does what one command line asks for and gives the exit code.
func (a *app) obey(ctx context.Context, args []string) int {
	root := newRoot(a)
	root.SetArgs(args)
	return a.exit(ctx, root.ExecuteContext(ctx))
}

// app is what the commands share.
type app struct {
	words *catalog.Catalog // built in; a command that takes CATALOG_DIR loads its own
	lang  string           // of messages: zh or en
	clock func() time.Time
	out   io.Writer // answers
	err   io.Writer // everything for people
}

// catalogue is the data of a folder of the operator's over what is built in;
// "" is what is built in, which every program has read by then.
func (a *app) catalogue(dir string) (*catalog.Catalog, error) {
	if dir == "" {
		return a.words, nil
	}
	return catalog.Load(dir)
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "clipcase",
		Short:         a.say("cli.short"),
		Long:          a.say("cli.long"),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.usage("cli.usage.command", "name", args[0])
			}
			return cmd.Help()
		},
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return a.usage("cli.usage.flag", "error", err.Error(), "command", cmd.CommandPath())
	})
	root.AddCommand(newPrepare(a), newCatalog(a), newDoctor(a), newGuide(a))
	root.AddCommand(newServe(a), newRecover(a), newBackup(a), newRestore(a), newVerify(a), newJanitor(a), newArchive(a))
	for _, cmd := range root.Commands() {
		a.wrapArgs(cmd)
	}
	return root
}

// wrapArgs makes wrong arguments wrong usage, whichever check found them.
func (a *app) wrapArgs(cmd *cobra.Command) {
	check := cmd.Args
	if check == nil {
		return
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return a.usage("cli.usage.flag", "error", err.Error(), "command", cmd.CommandPath())
		}
		return nil
	}
}
