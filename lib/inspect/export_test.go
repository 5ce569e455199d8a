package inspect

// PermuteIn is Permute with given orders.
var PermuteIn = permute
