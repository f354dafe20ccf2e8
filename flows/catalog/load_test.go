package catalog

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBuiltInLoads(t *testing.T) {
	t.Parallel()
	c, err := Load("")
	require.NoError(t, err)
	require.Equal(t, []string{"zh", "en"}, c.Languages())
	require.Equal(t, "未核实\uff0c请以 App 内为准", c.Say("zh-CN", "catalog.unverified", nil))
}
