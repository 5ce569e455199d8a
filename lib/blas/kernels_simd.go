//go:build amd64 && !noasm

package blas

import "golang.org/x/sys/cpu"

// HasKernels says whether there are kernels at all, in some set.
const HasKernels = true

// available64 returns the sets of kernels that this CPU runs, the best first.
func available64() []kernels[float64] {
	sets := []kernels[float64]{plain[float64]()}
	if !hasAVX2() {
		return sets
	}
	avx2 := kernels[float64]{
		name: "AVX2",
		rows: 4, cols: 12, tile: tileAVX2x64, vector: 4,
		transpose: transposeAVX2x64,
		dot:       dotAVX2x64, dot4: dot4AVX2x64, dots: dotsAVX2x64,
		axpy: axpyAVX2x64, axpy4: axpy4AVX2x64, axpy8: axpy8AVX2x64,
		scal: scalAVX2x64,
		functions: functions[float64]{
			exp: expAVX2x64, log: logAVX2x64, tanh: tanhAVX2x64, sigmoid: sigmoidAVX2x64, softplus: softplusAVX2x64,
			relu: reluAVX2x64, reluGrad: reluGradAVX2x64, biasReLU: biasReLUAVX2x64,
			max: maxAVX2x64, expScaled: expScaledAVX2x64, softmaxGrad: softmaxGradAVX2x64,
			gelu: geluAVX2x64, geluGrad: geluGradAVX2x64,
			swiGLU: swiGLUAVX2x64, swiGLUGrad: swiGLUGradAVX2x64, rotate: rotateAVX2x64, sum: sumAVX2x64,
			lstm: lstmAVX2x64, lstmGrad: lstmGradAVX2x64, gru: gruAVX2x64, gruGrad: gruGradAVX2x64,
			squares: squaresAVX2x64, normalize: normalizeAVX2x64, normalizeGrad: normalizeGradAVX2x64, center: centerAVX2x64,
			normalSums: normalSumsAVX2x64, centerScaled: centerScaledAVX2x64, normalColumns: normalColumnsAVX2x64,
			addRuns: addRunsAVX2x64, maxSquares: maxSquaresAVX2x64, maxSquaresGrad: maxSquaresGradAVX2x64,
			narrow: narrowAVX2x64, addNarrow: addNarrowAVX2x64, adamNarrow: adamNarrowAVX2x64,
			sumProducts: sumProductsAVX2x64, addProducts: addProductsAVX2x64,
			axpby: axpbyAVX2x64, adam: adamAVX2x64, logisticLoss: logisticLossAVX2x64,
			pointLosses: pointLosses[float64]{
				squared: squaredLossAVX2x64, huber: huberLossAVX2x64, sided: sidedLossAVX2x64, hinge: hingeLossAVX2x64,
				squaredHinge: squaredHingeLossAVX2x64, poisson: poissonLossAVX2x64, logCosh: logCoshLossAVX2x64, focal: focalLossAVX2x64,
			},
			classLosses: classLosses[float64]{
				toClasses: toClassesAVX2x64, fromClasses: fromClassesAVX2x64,
				softmax: softmaxLossAVX2x64, divergence: softmaxDivergenceAVX2x64, ofClass: softmaxClassAVX2x64, rivals: rivalsAVX2x64,
			},
			moves: moves[float64]{adagrad: adagradAVX2x64, adadelta: adadeltaAVX2x64, adamax: adamaxAVX2x64, adaBelief: adaBeliefAVX2x64, amsgrad: amsgradAVX2x64, lion: lionAVX2x64,
				momentum: momentumAVX2x64, nesterov: nesterovAVX2x64, nadam: nadamAVX2x64, rprop: rpropAVX2x64},
		},
	}
	sets = append([]kernels[float64]{avx2}, sets...)
	if !cpu.X86.HasAVX512F || !cpu.X86.HasAVX512VL || !cpu.X86.HasAVX512DQ {
		return sets
	}
	avx512 := avx2
	avx512.name = "AVX-512"
	avx512.rows, avx512.cols, avx512.tile, avx512.masked, avx512.vector = 8, 16, tileAVX512x64, true, 0
	avx512.tallRows, avx512.tall = 12, tallAVX512x64
	avx512.inPlace = 40 // wider tiles, so that B is read half as often
	avx512.exp, avx512.log = expAVX512x64, logAVX512x64
	avx512.tanh, avx512.sigmoid, avx512.softplus = tanhAVX512x64, sigmoidAVX512x64, softplusAVX512x64
	avx512.max, avx512.expScaled, avx512.softmaxGrad = maxAVX512x64, expScaledAVX512x64, softmaxGradAVX512x64
	avx512.gelu, avx512.geluGrad = geluAVX512x64, geluGradAVX512x64
	avx512.swiGLU, avx512.swiGLUGrad, avx512.rotate = swiGLUAVX512x64, swiGLUGradAVX512x64, rotateAVX512x64
	avx512.lstm, avx512.lstmGrad = lstmAVX512x64, lstmGradAVX512x64
	avx512.gru, avx512.gruGrad = gruAVX512x64, gruGradAVX512x64
	avx512.squares, avx512.normalize = squaresAVX512x64, normalizeAVX512x64
	avx512.normalizeGrad, avx512.center = normalizeGradAVX512x64, centerAVX512x64
	avx512.normalSums, avx512.centerScaled, avx512.normalColumns = normalSumsAVX512x64, centerScaledAVX512x64, normalColumnsAVX512x64
	avx512.logisticLoss, avx512.adam, avx512.adamNarrow = logisticLossAVX512x64, adamAVX512x64, adamNarrowAVX512x64
	avx512.pointLosses = pointLosses[float64]{
		squared: squaredLossAVX512x64, huber: huberLossAVX512x64, sided: sidedLossAVX512x64, hinge: hingeLossAVX512x64,
		squaredHinge: squaredHingeLossAVX512x64, poisson: poissonLossAVX512x64, logCosh: logCoshLossAVX512x64, focal: focalLossAVX512x64,
	}
	avx512.classLosses = classLosses[float64]{
		toClasses: toClassesAVX512x64, fromClasses: fromClassesAVX512x64,
		softmax: softmaxLossAVX512x64, divergence: softmaxDivergenceAVX512x64, ofClass: softmaxClassAVX512x64, rivals: rivalsAVX512x64,
	}
	avx512.moves = moves[float64]{adagrad: adagradAVX512x64, adadelta: adadeltaAVX512x64, adamax: adamaxAVX512x64, adaBelief: adaBeliefAVX512x64, amsgrad: amsgradAVX512x64, lion: lionAVX512x64,
		momentum: momentumAVX512x64, nesterov: nesterovAVX512x64, nadam: nadamAVX512x64, rprop: rpropAVX512x64}
	return append([]kernels[float64]{avx512}, sets...)
}

// available32 returns the sets of kernels that this CPU runs, the best first.
func available32() []kernels[float32] {
	sets := []kernels[float32]{plain[float32]()}
	if !hasAVX2() {
		return sets
	}
	avx2 := kernels[float32]{
		name: "AVX2",
		rows: 4, cols: 24, tile: tileAVX2x32, vector: 8,
		transpose: transposeAVX2x32,
		dot:       dotAVX2x32, dot4: dot4AVX2x32,
		axpy: axpyAVX2x32, axpy4: axpy4AVX2x32, axpy8: axpy8AVX2x32,
		scal: scalAVX2x32,
		functions: functions[float32]{
			exp: expAVX2x32, log: logAVX2x32, tanh: tanhAVX2x32, sigmoid: sigmoidAVX2x32, softplus: softplusAVX2x32,
			relu: reluAVX2x32, reluGrad: reluGradAVX2x32, biasReLU: biasReLUAVX2x32,
			max: maxAVX2x32, expScaled: expScaledAVX2x32, softmaxGrad: softmaxGradAVX2x32,
			gelu: geluAVX2x32, geluGrad: geluGradAVX2x32,
			swiGLU: swiGLUAVX2x32, swiGLUGrad: swiGLUGradAVX2x32, rotate: rotateAVX2x32, sum: sumAVX2x32,
			lstm: lstmAVX2x32, lstmGrad: lstmGradAVX2x32, gru: gruAVX2x32, gruGrad: gruGradAVX2x32,
			squares: squaresAVX2x32, normalize: normalizeAVX2x32, normalizeGrad: normalizeGradAVX2x32, center: centerAVX2x32,
			normalSums: normalSumsAVX2x32, centerScaled: centerScaledAVX2x32, normalColumns: normalColumnsAVX2x32,
			addRuns: addRunsAVX2x32, maxSquares: maxSquaresAVX2x32, maxSquaresGrad: maxSquaresGradAVX2x32,
			axpby: axpbyAVX2x32, adam: adamAVX2x32, logisticLoss: logisticLossAVX2x32,
		},
	}
	sets = append([]kernels[float32]{avx2}, sets...)
	if !cpu.X86.HasAVX512F || !cpu.X86.HasAVX512VL || !cpu.X86.HasAVX512DQ {
		return sets
	}
	avx512 := avx2
	avx512.name = "AVX-512"
	avx512.rows, avx512.cols, avx512.tile, avx512.masked, avx512.vector = 8, 32, tileAVX512x32, true, 0
	avx512.tallRows, avx512.tall = 12, tallAVX512x32
	avx512.inPlace = 40 // wider tiles, so that B is read half as often
	avx512.lookup2, avx512.lookup3 = lookup2AVX512x32, lookup3AVX512x32
	avx512.exp, avx512.log = expAVX512x32, logAVX512x32
	avx512.tanh, avx512.sigmoid, avx512.softplus = tanhAVX512x32, sigmoidAVX512x32, softplusAVX512x32
	avx512.max, avx512.expScaled, avx512.softmaxGrad = maxAVX512x32, expScaledAVX512x32, softmaxGradAVX512x32
	avx512.gelu, avx512.geluGrad = geluAVX512x32, geluGradAVX512x32
	avx512.swiGLU, avx512.swiGLUGrad, avx512.rotate = swiGLUAVX512x32, swiGLUGradAVX512x32, rotateAVX512x32
	avx512.lstm, avx512.lstmGrad = lstmAVX512x32, lstmGradAVX512x32
	avx512.gru, avx512.gruGrad = gruAVX512x32, gruGradAVX512x32
	avx512.squares, avx512.normalize = squaresAVX512x32, normalizeAVX512x32
	avx512.normalizeGrad, avx512.center = normalizeGradAVX512x32, centerAVX512x32
	avx512.normalSums, avx512.centerScaled, avx512.normalColumns = normalSumsAVX512x32, centerScaledAVX512x32, normalColumnsAVX512x32
	avx512.logisticLoss = logisticLossAVX512x32
	return append([]kernels[float32]{avx512}, sets...)
}

// hasAVX2 says whether the CPU and the system run what the kernels use.
func hasAVX2() bool { return cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasBMI2 }
