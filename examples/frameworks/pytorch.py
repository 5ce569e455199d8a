"""The task in PyTorch: pytorch.py FOLDER sgd|adam"""
import torch
from common import BATCH, EPOCHS, RATE, UNITS, Clock, load, optimizer, report

torch.set_default_dtype(torch.float64)
x, y, start = load()
x, y = torch.tensor(x), torch.tensor(y)

# BEGIN
model = torch.nn.Sequential(torch.nn.Linear(64, UNITS), torch.nn.Tanh(), torch.nn.Linear(UNITS, 10))
with torch.no_grad():
    for p, value in zip(model.parameters(), start):
        p.copy_(torch.tensor(value.T))  # PyTorch keeps (outputs, inputs)
rule = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer()](model.parameters(), lr=RATE[optimizer()])
losses, clock = [], Clock()
for _ in range(EPOCHS):
    total = 0.0
    for low in range(0, len(x), BATCH):
        rule.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x[low : low + BATCH]), y[low : low + BATCH])
        loss.backward()
        rule.step()
        total += loss.item() * len(x[low : low + BATCH])
    losses.append(total / len(x))
    clock.epoch()
# END

report(torch.__version__.split("+")[0], losses, [p.detach().numpy().T for p in model.parameters()], clock)
