"""Records what Keras makes of saturated predictions: binary crossentropy behind a sigmoid, and its gradient by the logit.

usage: python test/golden/record-saturation.py > test/golden/saturation.json
needs: pip install keras==3.15.1 tensorflow-cpu==2.21.0
"""
import json
import os

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3")
import keras
import numpy as np
import tensorflow as tf

LOGITS = np.linspace(-20, 20, 161, dtype="float32")


@tf.function
def judge(logits, labels):
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = keras.ops.binary_crossentropy(labels, keras.ops.sigmoid(logits))
    return loss, tape.gradient(loss, logits)


recorded = []
for label in (0.0, 1.0):
    loss, gradient = judge(tf.constant(LOGITS), tf.fill(LOGITS.shape, label))
    recorded.append({"label": label, "loss": loss.numpy().tolist(), "gradient": gradient.numpy().tolist()})
print(json.dumps({"keras": keras.__version__, "tensorflow": tf.__version__, "logits": LOGITS.tolist(), "recorded": recorded}))
