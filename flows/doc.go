// Package flows decides what to ask a person next and what a case is. It is
// pure: it reads no clock, no network and no file, and knows neither chat nor
// web. Front ends turn what they hear into an Event and show the Screen that
// comes back; storage keeps the Session and the Case.
package flows
