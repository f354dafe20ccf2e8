package main

import (
	"errors"
	"io"
	"os"

	"clipcase/flows/dossier/sign"
)

// receiptMost bounds what is read of a receipt.
const receiptMost = 64 << 10

// verifyReceipt checks a receipt of a deletion as a person kept it. Exit codes: 0
// it holds, 1 it does not, 2 wrong usage, 3 there is none.
func (a *app) verifyReceipt(f *verifyFlags, path string) error {
	if f.ca != "" || f.json {
		return a.usage("cli.usage.flag", "error", "--receipt: --ca, --json", "command", "clipcase verify")
	}
	raw, err := readSome(path)
	if err != nil {
		return a.usage("cli.usage.file", "file", path)
	}
	text, by, err := sign.CheckNote(raw)
	switch {
	case errors.Is(err, sign.ErrForm):
		return &exitError{code: codeInput, text: a.say("cli.verify.receipt.none", "file", path)}
	case err != nil, f.key != "" && !by.Is(f.key):
		return &exitError{code: codeFailed, text: a.say("cli.verify.receipt.bad")}
	}
	a.tell(text)
	a.tell(a.say("cli.verify.receipt.ok", "key", by.Fingerprint()))
	return nil
}

func readSome(path string) (_ []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, receiptMost))
}
