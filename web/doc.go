// Package web serves HTTP: whether the process lives and is ready, figures for
// operators, and the mount of the chat's webhook. It leaves what a request
// means to the handlers and checks it is given.
package web
