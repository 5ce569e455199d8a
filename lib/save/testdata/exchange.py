#!/usr/bin/env python3
# needs: safetensors, torch
"""Models of PyTorch and Keras, as files and with their predictions, for the tests of LoadPyTorch and LoadKeras.

Writes torch-*.safetensors and torch.json with PyTorch and safetensors, keras-*.safetensors and keras.json with Keras 3 (on any
backend), beside itself. What is not installed is left out. The weights, and the statistics of normalisations, are random.
"""
import json
import os
import pathlib

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"  # on PyTorch, Keras computes products of float64 in float32
os.environ["JAX_ENABLE_X64"] = "1"
HERE = pathlib.Path(__file__).parent


def write(name, cases):
    text = json.dumps(cases, separators=(",", ":"))
    (HERE / name).write_text(text.replace('},{"', '},\n{"') + "\n")


def case(name, x, y):
    """x and y are float64 arrays, a sample in each row."""
    return {"Name": name, "Rows": len(x), "X": x.ravel().tolist(), "Y": y.ravel().tolist()}


def pytorch():
    import torch
    from safetensors.torch import save_file
    from torch import nn

    torch.manual_seed(20240229)
    torch.set_num_threads(1)

    class Named(nn.Module):
        """Convolutions, a block with a shortcut, dense layers: known by their names, in no order."""

        def __init__(self):
            super().__init__()
            self.out = nn.Linear(5, 3)
            self.conv1 = nn.Conv2d(2, 4, 3, padding=1, bias=False)
            self.norm = nn.BatchNorm2d(4)
            self.depthwise = nn.Conv2d(4, 8, 3, groups=4)
            self.hidden = nn.Linear(32, 5)
            self.block = nn.Sequential(nn.Linear(5, 7), nn.GELU(), nn.Linear(7, 5))
            self.final = nn.LayerNorm(5)

        def forward(self, x):
            x = torch.relu(self.norm(self.conv1(x)))
            x = torch.max_pool2d(torch.relu(self.depthwise(x)), 2).flatten(1)
            x = self.hidden(x)
            return self.out(self.final(x + self.block(x)))

    class Twins(nn.Module):
        """Two layers of the same shapes, without an order."""

        def __init__(self):
            super().__init__()
            self.first = nn.Linear(4, 4)
            self.second = nn.Linear(4, 4)

        def forward(self, x):
            return self.second(torch.tanh(self.first(x)))

    deep = [m for _ in range(7) for m in (nn.Linear(3, 3), nn.Tanh())]
    modules = {
        "mlp": (nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3), nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 3)), (4,)),
        "deep": (nn.Sequential(*deep), (3,)),
        "named": (Named(), (2, 6, 6)),
        "twins": (Twins(), (4,)),
        "linear": (nn.Linear(4, 2), (4,)),
        "plain": (nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3, affine=False)), (4,)),
        "words": (nn.Sequential(nn.Embedding(10, 3, padding_idx=0), nn.Flatten(), nn.Linear(15, 2)), 5),
    }
    cases = []
    for name, (module, shape) in modules.items():
        for m in module.modules():
            for key, b in m.named_buffers(recurse=False):
                if b.is_floating_point():
                    b.copy_(torch.rand(b.shape) + 0.5 if key == "running_var" else torch.randn(b.shape))
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm)) and m.weight is not None:
                nn.init.normal_(m.weight)
                nn.init.normal_(m.bias)
        for bits, kind in ((32, torch.float32), (64, torch.float64)):
            module = module.to(kind).eval()
            x = torch.randint(0, 10, (4, shape)) if isinstance(shape, int) else torch.randn((4, *shape), dtype=kind)
            with torch.no_grad():
                if bits == 64:  # digits that float32 does not have
                    for p in module.parameters():
                        p.mul_(1 + 1e-9 * torch.rand(p.shape, dtype=kind))
                y = module(x)
            save_file(module.state_dict(), HERE / f"torch-{name}{bits}.safetensors")
            cases.append(case(f"{name}{bits}", x.double().numpy(), y.double().numpy()))
    write("torch.json", cases)


def keras_models():
    import tempfile

    import keras
    from keras import layers
    from safetensors.numpy import save_file

    rng = np.random.default_rng(20240229)
    cases = []
    for bits in (32, 64):
        keras.config.set_floatx(f"float{bits}")
        keras.config.set_dtype_policy(f"float{bits}")
        models = {
            "mlp": keras.Sequential([keras.Input((4,)), layers.Dense(6), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.3),
                                     layers.Dense(6, activation="tanh"), layers.Dense(3)]),
            # Between Flatten and Dense the features are sorted otherwise, too.
            "image": keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(4, 3, padding="same", use_bias=False), layers.BatchNormalization(scale=False),
                                       layers.ReLU(), layers.DepthwiseConv2D(3, depth_multiplier=2), layers.ReLU(), layers.MaxPooling2D(2),
                                       layers.Flatten(), layers.BatchNormalization(), layers.Dense(5), layers.LayerNormalization(), layers.Dense(3)]),
            "words": keras.Sequential([keras.Input((5,), dtype="int32"), layers.Embedding(10, 3), layers.Flatten(), layers.Dense(2)]),
            "filters": keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(4, 3, strides=2), layers.ReLU(), layers.Flatten(), layers.Dense(3)]),
        }
        if bits == 64:  # Keras normalises in float32 all the same, and has tanh in it
            del models["mlp"], models["image"]
        for name, m in models.items():
            for v in m.weights:
                v.assign(rng.uniform(0.5, 1.5, v.shape) if "variance" in v.name else rng.normal(size=v.shape) / 2)
            with tempfile.TemporaryDirectory() as folder:  # through the file, as users have it
                m.save(f"{folder}/m.keras")
                m = keras.saving.load_model(f"{folder}/m.keras")
            save_file({f"{i}.{v.name}": keras.ops.convert_to_numpy(v) for i, l in enumerate(m.layers) for v in l.weights},
                      HERE / f"keras-{name}{bits}.safetensors")
            x = rng.integers(0, 10, (4, 5)) if name == "words" else rng.normal(size=(4, *m.input_shape[1:])).astype(f"float{bits}")
            y = keras.ops.convert_to_numpy(m(x, training=False))
            if x.ndim == 4:
                x = x.transpose(0, 3, 1, 2)  # the rows of an image have the channels first
            cases.append(case(f"{name}{bits}", x.astype(float), y.astype(float)))
    write("keras.json", cases)


for library in (pytorch, keras_models):
    try:
        library()
    except ImportError as missing:
        print(f"{library.__name__} is left out: {missing}")
