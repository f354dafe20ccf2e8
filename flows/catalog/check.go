package catalog

// check notes what is wrong between values that are well formed each.
func (l *loader) check() {}
