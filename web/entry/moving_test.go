package entry

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

func TestMoving(t *testing.T) {
	t.Parallel()
	pack := func(s flows.PackState) flows.Pack { return flows.Pack{State: s} }
	stopped := flows.Pack{State: flows.PackReady, Stopped: true}
	for name, c := range map[string]struct {
		chat  string
		packs []flows.Pack
		want  bool
	}{
		"nothing":             {"web:1", nil, false},
		"planned":             {"tg:1", []flows.Pack{pack(flows.PackPlanned)}, true},
		"one of two":          {"tg:1", []flows.Pack{pack(flows.PackDelivered), pack(flows.PackRendering)}, true},
		"ready for a chat":    {"tg:1", []flows.Pack{pack(flows.PackReady)}, false},
		"ready for a page":    {"web:1", []flows.Pack{pack(flows.PackReady)}, true},
		"on its way to it":    {"web:1", []flows.Pack{pack(flows.PackDelivering)}, true},
		"given up on the way": {"web:1", []flows.Pack{stopped}, false},
		"there":               {"web:1", []flows.Pack{pack(flows.PackDelivered), pack(flows.PackFailed)}, false},
	} {
		require.Equal(t, c.want, Moving(&flows.Case{Chat: c.chat, Packs: c.packs}), name)
		require.False(t, Moving(&flows.Case{Chat: c.chat, Packs: c.packs, Cancelled: time.Unix(1, 0)}), name)
		require.False(t, Moving(&flows.Case{Chat: c.chat, Packs: c.packs, Quarantined: true}), name)
	}
}
