// Command upload measures how fast uploads come in over loopback, side by side
// with a bare tusd: same client, in turn, in one run, so that the ratio holds on a
// noisy machine. In memory first, where a sync costs nothing, then on disk.
package main
