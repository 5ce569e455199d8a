package format

// Unmap makes the file one that is read.
func (f *NPYFile) Unmap() {
	unmap(f.mapped)
	f.mapped = nil
}
