// Package entry says who is there: sessions, invitations, login links and return
// codes, and the page for those who have none of them. It keeps forged requests,
// guessing and messengers' own browsers out, and leaves what people then do to the
// parts it lets them into.
package entry
