"""The task in Keras 3 on TensorFlow: keras3.py FOLDER sgd|adam"""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow
from common import BATCH, EPOCHS, RATE, UNITS, Clock, load, optimizer, report

keras.config.set_floatx("float64")
x, y, start = load()

# BEGIN
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(UNITS, activation="tanh"), keras.layers.Dense(10)])
model.set_weights(start)
rule = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[optimizer()](RATE[optimizer()])
model.compile(rule, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
clock = Clock()
tick = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: clock.epoch())
history = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0, callbacks=[tick])
# END

report(f"{keras.__version__} on TensorFlow {tensorflow.__version__}", history.history["loss"], model.get_weights(), clock)
