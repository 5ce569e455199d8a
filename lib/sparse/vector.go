package sparse

// Dot returns Σ values[p]·w[cols[p]], the product of a sparse row and a dense
// vector.
func Dot(cols []int, values, w []float64) float64 {
	values = values[:len(cols)]
	var s0, s1, s2, s3 float64
	p := 0
	for ; p+4 <= len(cols); p += 4 {
		c, v := cols[p:p+4:p+4], values[p:p+4:p+4]
		s0 += v[0] * w[c[0]]
		s1 += v[1] * w[c[1]]
		s2 += v[2] * w[c[2]]
		s3 += v[3] * w[c[3]]
	}
	for ; p < len(cols); p++ {
		s0 += values[p] * w[cols[p]]
	}
	return (s0 + s1) + (s2 + s3)
}

// Axpy adds a times a sparse row to a dense vector: y[cols[p]] += a·values[p].
func Axpy(y []float64, a float64, cols []int, values []float64) {
	values = values[:len(cols)]
	p := 0
	for ; p+4 <= len(cols); p += 4 {
		c, v := cols[p:p+4:p+4], values[p:p+4:p+4]
		y[c[0]] += a * v[0]
		y[c[1]] += a * v[1]
		y[c[2]] += a * v[2]
		y[c[3]] += a * v[3]
	}
	for ; p < len(cols); p++ {
		y[cols[p]] += a * values[p]
	}
}
