package main

import (
	"fmt"
	"os"
	"testing"

	"clipcase/media/ffmpeg/cage"
)

// asProgram makes the test binary behave as clipcase: the tests of whole
// processes start themselves, so what they run is what was compiled with them.
const asProgram = "CLIPCASE_TEST_AS_PROGRAM=1"

// unread keeps a program from reading the words on every test picture, which
// takes half a second each; the tests of that turn it on.
const unread = "READ_SCREENS=off"

// hasty keeps a program with the race detector from waiting a second at its end.
const hasty = "GORACE=atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	cage.Enter()
	if os.Getenv("CLIPCASE_TEST_AS_PROGRAM") == "1" {
		if file := os.Getenv(laterFile); file != "" {
			ahead(file)
		}
		main()
	}
	code := m.Run()
	if err := chromium.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "browser does not close:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}
