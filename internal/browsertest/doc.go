// Package browsertest opens pages in a real headless Chromium as people do, on a
// phone or a desktop, and watches what a page may not do: ask elsewhere, break
// its content policy, throw. What the pages should show is left to the tests.
package browsertest
