// Package stamp asks authorities for RFC 3161 time stamps and says of a stamp what
// it shows; where stamps are kept, and when one is asked for again, is for others.
package stamp
