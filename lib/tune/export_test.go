package tune

// LearningCurveInOrder is LearningCurve without the shuffle, as scikit-learn has
// it by default.
var LearningCurveInOrder = learningCurve
