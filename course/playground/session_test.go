package playground

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// No reply has a null: the page takes lengths of lists, also of empty ones.
func TestRepliesHaveNoNull(t *testing.T) {
	var session Session
	nobody, settled := Usual("valley"), Usual("valley")
	nobody.Optimizers = nil
	settled.Optimizers, settled.Start = []string{"gd", "lbfgs"}, [2]float64{0, 0}
	wild := Usual("rosenbrock")
	wild.Optimizers, wild.Rate, wild.Start = []string{"gd", "momentum", "lbfgs"}, 1000, [2]float64{1e6, 1e6}
	flat := UsualNetwork()
	flat.Hidden = nil
	for _, q := range []struct {
		call string
		arg  any
	}{
		{"about", nil}, {"descend", nobody}, {"descend", settled}, {"descend", wild}, {"code", nobody}, {"heights", map[string]any{"Surface": "saddle", "Width": 2, "Height": 2}},
		{"curvature", map[string]any{"Surface": "saddle"}}, {"network", flat}, {"learn", 1}, {"gradient", nil}, {"networkcode", flat},
		{"network", UsualNetwork()}, {"learn", 2},
	} {
		arg, err := json.Marshal(q.arg)
		if err != nil {
			t.Fatal(err)
		}
		var reply any
		if err := json.Unmarshal([]byte(session.Answer(q.call, string(arg))), &reply); err != nil {
			t.Fatal(err)
		}
		for _, fault := range nulls(q.call, reply) {
			t.Error(fault)
		}
	}
}

func nulls(where string, v any) (found []string) {
	switch v := v.(type) {
	case nil:
		return []string{where + " is null"}
	case []any:
		for i, e := range v {
			found = append(found, nulls(fmt.Sprintf("%s[%d]", where, i), e)...)
		}
	case map[string]any:
		for name, e := range v {
			if name == "error" {
				found = append(found, fmt.Sprint(where, ": ", e))
			}
			found = append(found, nulls(where+"."+name, e)...)
		}
	}
	return found
}

// Whatever comes, an answer is JSON, and a fault is one that the page can show.
func TestAnswersFaults(t *testing.T) {
	var session Session
	for _, q := range [][2]string{
		{"fly", "1"}, {"descend", "{"}, {"descend", `{"surface":"atlantis"}`}, {"learn", "1"}, {"gradient", "null"}, {"network", `{"data":"drawn"}`},
		{"heights", `{"Surface":"valley","Width":-1,"Height":9}`}, {"heights", `{"Surface":"atlantis"}`}, {"curvature", `{"Surface":""}`}, {"code", "[]"}, {"networkcode", "{}"},
	} {
		reply := session.Answer(q[0], q[1])
		var fault struct{ Error string }
		if err := json.Unmarshal([]byte(reply), &fault); err != nil || fault.Error == "" || strings.Contains(fault.Error, "runtime error") {
			t.Errorf("%s %s: %s", q[0], q[1], reply)
		}
	}
}
