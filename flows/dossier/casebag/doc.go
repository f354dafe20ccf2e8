// Package casebag puts a stored case together as a bag: whoever makes it, to hand
// it out, to sign it or to have it stamped, gets the same payload and so the same
// signed manifest.
package casebag
