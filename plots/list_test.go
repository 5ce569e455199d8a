package plots

import (
	"encoding/json"
	"testing"
)

func TestList(t *testing.T) {
	for _, all := range [][]string{{}, {""}, {"a", `"b" \ /`}, {"η = 0.1", "<b>&amp;</b>", "tab\tnew\nline\x01\x1f\x7f", "a\u2028b\u2029c", "broken \xff letter", "😀"}} {
		got := list(all)
		var back []string
		if err := json.Unmarshal([]byte(got), &back); err != nil || len(back) != len(all) {
			t.Errorf("%q: error %v", got, err)
			continue
		}
		want, _ := json.Marshal(all)
		var expected []string
		json.Unmarshal(want, &expected)
		for i := range back {
			if back[i] != expected[i] {
				t.Errorf("%q, want %q", back[i], expected[i])
			}
		}
	}
}
