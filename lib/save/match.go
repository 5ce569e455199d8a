package save

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// match finds the source of each part: by the names that the caller gives, and for
// the other layers by what is clear, which is
//
//   - the only module with the shapes of the layer; or
//   - if k layers and k modules have these shapes, the i-th for the i-th, where the
//     modules' names are numbers, as those of nn.Sequential and nn.ModuleList are.
//
// All else is an error that shows both sides.
func match(layers []*layer, modules []*module, names map[string]string) (map[string]source, error) {
	sources := map[string]source{}
	restLayers, restModules, err := given(sources, layers, modules, names)
	if err == nil {
		err = derive(sources, restLayers, restModules)
	}
	if err != nil {
		return nil, fmt.Errorf("%w\nthe model:\n%sthe file:\n%s", err, list(layers), list(modules))
	}
	return sources, nil
}

func list[T fmt.Stringer](all []T) string {
	const most = 200 // lines of an error
	var s strings.Builder
	for i, v := range all {
		if i == most {
			fmt.Fprintf(&s, "\t… and %d more\n", len(all)-most)
			break
		}
		fmt.Fprintf(&s, "\t%v\n", v)
	}
	return s.String()
}

// given follows the caller's names, and returns the layers and modules that they
// do not mention.
func given(sources map[string]source, layers []*layer, modules []*module, names map[string]string) ([]*layer, []*module, error) {
	known, used := map[string]bool{}, map[string]bool{} // keys of names; modules and tensors of the file
	var restLayers []*layer
	for _, l := range layers {
		if name, ok := names[l.name]; ok {
			i := slices.IndexFunc(modules, func(m *module) bool { return m.name == name })
			switch {
			case i < 0:
				return nil, nil, fmt.Errorf("the file has no module %q, which was given for layer %q", name, l.name)
			case len(l.rules) == 0:
				return nil, nil, noRule(l)
			case !l.fits(modules[i]):
				return nil, nil, fmt.Errorf("module %q, which was given for layer %q, does not fit it", name, l.name)
			}
			l.take(sources, modules[i])
			known[l.name], used[name] = true, true
			continue
		}
		parts := 0
		for i, p := range l.parts {
			name, ok := names[p.Name]
			if !ok {
				continue
			}
			s, err := l.given(i, name, modules)
			if err != nil {
				return nil, nil, err
			}
			sources[p.Name] = s
			known[p.Name], used[name] = true, true
			parts++
		}
		switch parts {
		case 0:
			restLayers = append(restLayers, l)
		case len(l.parts):
		default:
			return nil, nil, fmt.Errorf("names are given for %d of the %d parts of layer %q: give all or none", parts, len(l.parts), l.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !known[name] {
			return nil, nil, fmt.Errorf("the model has no layer and no part %q", name)
		}
	}
	var restModules []*module
	for _, m := range modules {
		rest := &module{name: m.name}
		for _, t := range m.tensors {
			if !used[m.name] && !used[t.Name] {
				rest.tensors = append(rest.tensors, t)
			}
		}
		if len(rest.tensors) > 0 {
			restModules = append(restModules, rest)
		}
	}
	return restLayers, restModules, nil
}

// given returns the named tensor as the source of part i. Parts of a layer that the
// convention does not know have the same shape in the file, but for dimensions of 1.
func (l *layer) given(i int, name string, modules []*module) (source, error) {
	p := l.parts[i]
	r := rule{forms: []form{as(p.Shape...)}}
	if len(l.rules) > 0 {
		r = l.rules[i]
	}
	for _, m := range modules {
		for _, t := range m.tensors {
			if t.Name != name {
				continue
			}
			if f := r.form(t.Shape); f != nil {
				return source{tensor: name, form: *f}, nil
			}
			if len(l.rules) == 0 && slices.Equal(withoutOnes(t.Shape), withoutOnes(p.Shape)) {
				return source{tensor: name}, nil
			}
			return source{}, fmt.Errorf("tensor %q has shape %v, part %q wants %v", name, t.Shape, p.Name, r.forms[0].shape)
		}
	}
	return source{}, fmt.Errorf("the file has no tensor %q, which was given for part %q", name, p.Name)
}

func withoutOnes(shape []int) []int {
	return slices.DeleteFunc(slices.Clone(shape), func(n int) bool { return n == 1 })
}

// take makes the module, which fits, the source of the layer.
func (l *layer) take(sources map[string]source, m *module) {
	for i, r := range l.rules {
		s := source{fill: r.fill}
		for _, t := range m.tensors {
			if m.suffix(t) == r.name {
				s = source{tensor: t.Name, form: *r.form(t.Shape)}
			}
		}
		sources[l.parts[i].Name] = s
	}
}

// derive finds the modules of layers for which no names are given.
func derive(sources map[string]source, layers []*layer, modules []*module) error {
	fit := make([][]*module, len(layers))
	wanted := map[*module]bool{}
	for i, l := range layers {
		if len(l.rules) == 0 {
			return noRule(l)
		}
		for _, m := range modules {
			if l.fits(m) {
				fit[i] = append(fit[i], m)
				wanted[m] = true
			}
		}
		if fit[i] == nil {
			return fmt.Errorf("no module of the file fits layer %q", l.name)
		}
	}
	for _, m := range modules {
		if !wanted[m] {
			return fmt.Errorf("module %q of the file fits no layer", m.name)
		}
	}
	taken := make([]*module, len(layers))
	rank := map[*module]int{} // how many layers took a module before
	for i, l := range layers {
		rivals := 0
		for k := range layers {
			if slices.Equal(fit[k], fit[i]) {
				rivals++
			} else if slices.ContainsFunc(fit[k], func(m *module) bool { return slices.Contains(fit[i], m) }) {
				return ambiguous(l, fit[i], "another layer may take some of them")
			}
		}
		if rivals != len(fit[i]) {
			return fmt.Errorf("%d modules of the file fit layer %q and those of the same shapes, which are %d", len(fit[i]), l.name, rivals)
		}
		if !ordered(fit[i]) {
			return ambiguous(l, fit[i], "they have the same shapes, and their names no order")
		}
		first := fit[i][0]
		taken[i] = fit[i][rank[first]]
		rank[first]++
		l.take(sources, taken[i])
	}
	for i := range layers {
		for k := range i {
			if c, ok := order(taken[k].name, taken[i].name); ok && c > 0 {
				return fmt.Errorf("by its shapes layer %q is module %q, and the layer before it, %q, is %q: their order contradicts that: give names",
					layers[i].name, taken[i].name, layers[k].name, taken[k].name)
			}
		}
	}
	return nil
}

func noRule(l *layer) error {
	return fmt.Errorf("there is no rule for layer %q: give the name of a tensor for each of its parts", l.name)
}

func ambiguous(l *layer, modules []*module, why string) error {
	var names []string
	for _, m := range modules {
		names = append(names, m.name)
	}
	return fmt.Errorf("layer %q may be any of %q (%s): give the name for it", l.name, names, why)
}

// ordered reports whether the names of the modules, which are sorted, have an order.
func ordered(modules []*module) bool {
	for i := 1; i < len(modules); i++ {
		if c, ok := order(modules[i-1].name, modules[i].name); !ok || c >= 0 {
			return false
		}
	}
	return true
}

// order compares two names by the first component in which they differ, if that is
// a number in both: net.2.conv is before net.10.conv. Other names have no order:
// features may be before classifier.
func order(a, b string) (c int, ok bool) {
	x, y := split(a), split(b)
	for i := range min(len(x), len(y)) {
		if x[i] == y[i] {
			continue
		}
		m, errM := strconv.Atoi(x[i])
		n, errN := strconv.Atoi(y[i])
		return cmp.Compare(m, n), errM == nil && errN == nil && m != n
	}
	return 0, false
}

// split returns the components of a name.
func split(name string) []string {
	return strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '/' })
}

// compareComponents sorts numbers by their value, before all else.
func compareComponents(a, b string) int {
	m, errM := strconv.Atoi(a)
	n, errN := strconv.Atoi(b)
	switch {
	case errM == nil && errN == nil:
		return cmp.Or(cmp.Compare(m, n), cmp.Compare(a, b))
	case errM == nil:
		return -1
	case errN == nil:
		return 1
	}
	return cmp.Compare(a, b)
}
