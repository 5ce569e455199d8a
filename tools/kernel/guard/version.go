package main

import "debug/buildinfo"

const guardVersion = "1.0"

// gonbVersion returns the version of the module that a program was built from. What
// GoNB says of itself is another number.
func gonbVersion(program string) string {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "unknown"
	}
	const path = "github.com/janpfeifer/gonb"
	if info.Main.Path == path {
		return info.Main.Version
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return "unknown"
}
