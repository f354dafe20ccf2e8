package flows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// A case that is let go is stamped like any other, once; one in which nothing
// arrived, or that is over, has nothing to stamp.
func TestACaseThatIsLetGoIsStamped(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(c *flows.Case)
		asked  bool
	}{
		"held":         {func(*flows.Case) {}, true},
		"was not held": {func(c *flows.Case) { c.Quarantined = false }, false},
		"cancelled":    {func(c *flows.Case) { c.Cancelled = noon() }, false},
		"empty":        {func(c *flows.Case) { c.Exhibits[0].Blob = "" }, false},
		"taken out":    {func(c *flows.Case) { c.Exhibits[0].Removed = true }, false},
	} {
		c := &flows.Case{ID: "CC0001", Quarantined: true, Submitted: time.Unix(1, 0), Exhibits: []flows.Exhibit{{ID: "e1", Blob: "b"}}}
		row.change(c)
		effects := c.Hold(false)
		require.Equal(t, row.asked, len(effects) == 1, name)
		require.False(t, c.Quarantined)
		require.Empty(t, c.Hold(true), name)
		require.True(t, c.Quarantined)
	}
}
