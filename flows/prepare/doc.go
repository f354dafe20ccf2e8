// Package prepare takes one case from originals to packs: stage, probe, plan,
// render, verify, document. It knows files and media, neither Redis nor a front
// end; the command line and the worker call it alike.
package prepare
