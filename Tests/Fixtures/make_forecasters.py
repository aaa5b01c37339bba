"""Writes PyTorch's numbers for forecasters. See README.md beside this file.

Run: python make_forecasters.py   (PyTorch 2.13.0, CPU, float64)
"""

import math

import torch
from make_fixtures import write
from torch import nn
from torch.nn.functional import l1_loss

WINDOW, HORIZON, SEGMENT, HIDDEN, CHANNELS, WINDOWS = 12, 7, 3, 6, 2, 2
ROWS = WINDOWS * CHANNELS


class Forecaster(nn.Module):
    """Windows [N, L] to forecasts [N, H, size], relative to the last value (Lin et al. 2023)."""

    def __init__(self, decoding="parallel", size=1, known=0, missing=False, lags=(), scaled=None, cell=nn.GRU):
        super().__init__()
        self.decoding, self.size, self.known, self.missing, self.lags, self.scaled = decoding, size, known, missing, lags, scaled
        features = SEGMENT * (1 + known + missing) + (scaled == "deviation")
        self.embedding = nn.Linear(features, HIDDEN)
        self.rnn = cell(HIDDEN, HIDDEN)
        self.segments = math.ceil(HORIZON / SEGMENT)
        if decoding == "parallel":
            self.positions = nn.Embedding(self.segments, HIDDEN // 2)
            self.channels = nn.Embedding(CHANNELS, HIDDEN - HIDDEN // 2)
            if known:
                self.future = nn.Linear(SEGMENT * known, HIDDEN, bias=False)
        steps = HORIZON if decoding == "direct" else SEGMENT
        self.head = nn.Linear(HIDDEN, steps * size)
        if lags:
            self.gate = nn.Linear(HIDDEN, steps * len(lags))

    def forward(self, x, known=None, observed=None):
        last = x[:, -1:]
        values = x - last
        scale = torch.ones_like(last)
        if self.scaled == "deviation":
            scale = values.abs().mean(1, keepdim=True) + 1e-5
        if self.scaled == "difference":
            scale = (x[:, 1:] - x[:, :-1]).abs().mean(1, keepdim=True) + 1e-5
        values = values / scale
        if observed is not None:
            values = values * observed
        steps = [values[:, :, None]]
        if self.missing:
            steps.append((1 - observed)[:, :, None])
        if self.known:
            steps.append(known[:, :WINDOW])
        whole = [scale.log()] if self.scaled == "deviation" else []
        segments = torch.cat(steps, 2).reshape(ROWS, WINDOW // SEGMENT, -1).transpose(0, 1)
        whole = [part.expand(len(segments), -1, -1) for part in whole]
        _, state = self.rnn(torch.relu(self.embedding(torch.cat([segments, *whole], 2))))
        h = state[0] if isinstance(state, tuple) else state
        if self.decoding == "direct":
            decoded = h[-1][None]
        elif self.decoding == "parallel":
            channel = torch.arange(ROWS) % CHANNELS
            queries = torch.cat([
                self.positions.weight[:, None].expand(-1, ROWS, -1),
                self.channels.weight[channel][None].expand(self.segments, -1, -1)], 2)
            if self.known:
                future = nn.functional.pad(known[:, WINDOW:], (0, 0, 0, self.segments * SEGMENT - HORIZON))
                queries = queries + self.future(future.reshape(ROWS, self.segments, -1).transpose(0, 1))
            repeat = lambda s: s.repeat(1, self.segments, 1)
            state = tuple(map(repeat, state)) if isinstance(state, tuple) else repeat(state)
            decoded, _ = self.rnn(queries.reshape(1, self.segments * ROWS, HIDDEN), state)
            decoded = decoded.reshape(self.segments, ROWS, HIDDEN)
        else:
            outputs = [h[-1]]
            while len(outputs) < self.segments:
                values = self.head(outputs[-1])
                _, state = self.rnn(torch.relu(self.embedding(torch.cat([values, *[part[0] for part in whole]], 1)))[None], state)
                outputs.append((state[0] if isinstance(state, tuple) else state)[-1])
            decoded = torch.stack(outputs)
        result = self.steps(self.head(decoded), self.size) * scale[:, :, None]
        if not self.lags:
            return result + last[:, :, None]
        earlier = torch.stack([x[:, -lag:].repeat(1, math.ceil(HORIZON / lag))[:, :HORIZON] for lag in self.lags], 2)
        weights = torch.softmax(self.steps(self.gate(decoded), len(self.lags)), 2)
        return result + (weights * earlier).sum(2, keepdim=True)

    def steps(self, values, size):
        return values.transpose(0, 1).reshape(ROWS, -1, size)[:, :HORIZON]


def fixture(name, loss, **options):
    torch.manual_seed(1)
    model = Forecaster(**options).double()
    for parameter in model.parameters():
        parameter.data = parameter.data.float().double()
    x = torch.randn(ROWS, WINDOW).cumsum(1).float().double()
    targets = (x[:, -1:] + torch.randn(ROWS, HORIZON)).float().double()
    inputs, extra = {"x": x, "targets": targets}, {}
    if options.get("known"):
        extra["known"] = inputs["known"] = torch.randn(ROWS, WINDOW + HORIZON, options["known"]).float().double()
    if options.get("missing"):
        extra["observed"] = inputs["observed"] = (torch.rand(ROWS, WINDOW) > 0.3).double()
    y = model(x, **extra)
    value = loss(y, targets, model, x)
    value.backward()
    tensors = {"model." + key: value for key, value in model.state_dict().items()}
    tensors |= {"grad." + key: value.grad for key, value in model.named_parameters()}
    write(name, {"cell": "gru", "layers": 1, "steps": WINDOW, "batch": ROWS, "hidden": HIDDEN},
          tensors | inputs | {"y": y, "loss": value})


def scaled_mae(y, targets, model, x):
    scale = (x[:, 1:] - x[:, :-1]).abs().mean(1, keepdim=True) + 1e-5 if model.scaled == "difference" else \
        (x - x[:, -1:]).abs().mean(1, keepdim=True) + 1e-5 if model.scaled == "deviation" else 1
    return l1_loss(y[..., 0] / scale, targets / scale)


def pinball(y, targets, model, x):
    levels = torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64)
    error = targets[..., None] - y
    return torch.maximum(levels * error, (levels - 1) * error).mean()



if __name__ == "__main__":
    fixture("forecaster_parallel", scaled_mae)
    fixture("forecaster_lstm", scaled_mae, cell=nn.LSTM)
    fixture("forecaster_direct", scaled_mae, decoding="direct")
    fixture("forecaster_recursive", scaled_mae, decoding="recursive")
    fixture("forecaster_known", scaled_mae, known=2)
    fixture("forecaster_missing", scaled_mae, missing=True)
    fixture("forecaster_gate", scaled_mae, lags=(1, 3, 6), scaled="deviation")
    fixture("forecaster_difference", scaled_mae, scaled="difference")
    fixture("forecaster_quantiles", pinball, size=3)
