"""The task in scikit-learn: scikit.py FOLDER sgd|adam"""
import warnings

import sklearn
from common import BATCH, EPOCHS, RATE, UNITS, Clock, load, optimizer, report
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore")  # it says that 20 epochs have not converged, and they need not
x, y, start = load()

# BEGIN
model = MLPClassifier(
    (UNITS,), activation="tanh", solver=optimizer(), alpha=0, momentum=0, nesterovs_momentum=False,
    learning_rate_init=RATE[optimizer()], batch_size=BATCH, shuffle=False, max_iter=1, n_iter_no_change=EPOCHS, tol=0,
)
model.fit(x, y)  # only so are there parameters that can be replaced
model.coefs_, model.intercepts_ = [start[0], start[2]], [start[1], start[3]]
clock = Clock()
model.set_params(warm_start=True, max_iter=EPOCHS).fit(x, y)
clock.epoch()
# END

report(sklearn.__version__, model.loss_curve_[-EPOCHS:], [model.coefs_[0], model.intercepts_[0], model.coefs_[1], model.intercepts_[1]], clock)
