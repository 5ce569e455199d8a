//go:build !noasm

package blas

// HasKernels says whether there are kernels at all, in some set.
const HasKernels = true

// Every arm64 processor that Go runs on has NEON, vectors of 16 bytes. A tile of 4×12
// elements of float64, or 4×24 of float32, takes 24 of the 32 registers for its sums.

// available64 returns the sets of kernels that this CPU runs, the best first.
func available64() []kernels[float64] {
	set := kernels[float64]{
		name: "NEON",
		rows: 4, cols: 12, tile: tileNEONx64, masked: true,
		transpose: transposeNEONx64,
		dot:       dotNEONx64, dot4: dot4NEONx64,
		axpy: axpyNEONx64, axpy4: axpy4NEONx64, axpy8: axpy8NEONx64,
		scal:      scalNEONx64,
		functions: plainFunctions[float64](), // for what has no kernel
	}
	set.exp, set.log, set.tanh, set.sigmoid, set.softplus = expNEONx64, logNEONx64, tanhNEONx64, sigmoidNEONx64, softplusNEONx64
	set.relu, set.reluGrad, set.biasReLU = reluNEONx64, reluGradNEONx64, biasReLUNEONx64
	set.axpby, set.adam, set.logisticLoss = axpbyNEONx64, adamNEONx64, logisticLossNEONx64
	set.max, set.expScaled, set.softmaxGrad = maxNEONx64, expScaledNEONx64, softmaxGradNEONx64
	set.gelu, set.geluGrad = geluNEONx64, geluGradNEONx64
	set.swiGLU, set.swiGLUGrad, set.rotate, set.sum = swiGLUNEONx64, swiGLUGradNEONx64, rotateNEONx64, sumNEONx64
	set.lstm, set.lstmGrad, set.gru, set.gruGrad = lstmNEONx64, lstmGradNEONx64, gruNEONx64, gruGradNEONx64
	set.squares, set.normalize = squaresNEONx64, normalizeNEONx64
	set.normalizeGrad, set.center = normalizeGradNEONx64, centerNEONx64
	set.dots, set.narrow, set.addNarrow = dotsNEONx64, narrowNEONx64, addNarrowNEONx64
	return []kernels[float64]{set, plain[float64]()}
}

// available32 returns the sets of kernels that this CPU runs, the best first.
func available32() []kernels[float32] {
	set := kernels[float32]{
		name: "NEON",
		rows: 4, cols: 24, tile: tileNEONx32, masked: true,
		transpose: transposeNEONx32,
		dot:       dotNEONx32, dot4: dot4NEONx32,
		axpy: axpyNEONx32, axpy4: axpy4NEONx32, axpy8: axpy8NEONx32,
		scal:      scalNEONx32,
		functions: plainFunctions[float32](), // for what has no kernel
	}
	set.exp, set.log, set.tanh, set.sigmoid, set.softplus = expNEONx32, logNEONx32, tanhNEONx32, sigmoidNEONx32, softplusNEONx32
	set.relu, set.reluGrad, set.biasReLU = reluNEONx32, reluGradNEONx32, biasReLUNEONx32
	set.axpby, set.adam, set.logisticLoss = axpbyNEONx32, adamNEONx32, logisticLossNEONx32
	set.max, set.expScaled, set.softmaxGrad = maxNEONx32, expScaledNEONx32, softmaxGradNEONx32
	set.gelu, set.geluGrad = geluNEONx32, geluGradNEONx32
	set.swiGLU, set.swiGLUGrad, set.rotate, set.sum = swiGLUNEONx32, swiGLUGradNEONx32, rotateNEONx32, sumNEONx32
	set.lstm, set.lstmGrad, set.gru, set.gruGrad = lstmNEONx32, lstmGradNEONx32, gruNEONx32, gruGradNEONx32
	set.squares, set.normalize = squaresNEONx32, normalizeNEONx32
	set.normalizeGrad, set.center = normalizeGradNEONx32, centerNEONx32
	return []kernels[float32]{set, plain[float32]()}
}
