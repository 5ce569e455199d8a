"""The whole way to a first picture in Python: startup.py X.npy Y.npy PICTURE.png. startup/main.go is the same in Go."""
import sys

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

X, y = np.load(sys.argv[1]), np.load(sys.argv[2])
X = np.c_[np.ones(len(X)), X]
theta, losses, m = np.zeros(3), [], len(y)
for i in range(100):
    y_pred = X.dot(theta)
    losses.append(np.sum((y_pred - y) ** 2) / (2 * m))
    theta = theta - 0.1 * X.T.dot(y_pred - y) / m
plt.plot(losses, label="loss")
plt.title("Gradient descent")
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.savefig(sys.argv[3])
print(*theta, sep="\n")
