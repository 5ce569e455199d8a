package regularizer_test

import (
	"strings"
	"testing"

	"github.com/descent-go/descent/lib/regularizer"
)

func TestCheckBlock(t *testing.T) {
	group, norm := regularizer.GroupLasso{Lambda: 1, Size: 10}, regularizer.MaxNorm{Max: 1, Columns: 10}
	for name, r := range map[string]regularizer.BlockChecker{
		"group": group, "norm": norm,
		"sum":   regularizer.Sum{regularizer.L2{Lambda: 1}, group},
		"chain": regularizer.Chain{regularizer.L1{Lambda: 1}, norm},
	} {
		if err := r.CheckBlock(640); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := r.CheckBlock(32); err == nil || !strings.Contains(err.Error(), "32 weights") {
			t.Errorf("%s accepts 32 weights: %v", name, err)
		}
	}
}
