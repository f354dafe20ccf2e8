package entry

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// address is where a request comes from, as limits count it. IPv6 counts by its
// first 64 bits: whoever has one address there has all of them.
func (e *Entry) address(r *http.Request) string {
	from, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return "unknown"
	}
	if e.cfg.TrustProxy && inside(from) {
		from = forwarded(r, from)
	}
	if from.Is6() {
		if net64, err := from.Prefix(64); err == nil {
			return net64.Masked().String()
		}
	}
	return from.String()
}

// forwarded walks X-Forwarded-For from our side: each proxy adds whom it heard at
// the end, so that everything before the first address that is no proxy of ours is
// what the visitor claims.
func forwarded(r *http.Request, peer netip.Addr) netip.Addr {
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	slices.Reverse(chain)
	for _, one := range chain {
		addr, ok := parseAddress(strings.TrimSpace(one))
		if !ok {
			return peer
		}
		if peer = addr; !inside(addr) {
			return peer
		}
	}
	return peer
}

func inside(a netip.Addr) bool { return a.IsLoopback() || a.IsPrivate() }

// parseAddress reads an address with or without port, brackets and zone.
func parseAddress(s string) (netip.Addr, bool) {
	if port, err := netip.ParseAddrPort(s); err == nil {
		return plain(port.Addr()), true
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return plain(a), err == nil
}

func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
