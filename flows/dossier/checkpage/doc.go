// Package checkpage makes the page in every bag with which anyone can check the bag
// in a browser, without a network and without clipcase; what is checked there
// strictly, verify checks.
package checkpage
