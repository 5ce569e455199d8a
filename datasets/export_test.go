package datasets

// What the external tests need of the inside.
var (
	ParseTable    = parseTable
	ParsePackages = parsePackages
)
