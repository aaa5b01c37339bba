"""The network of `recur train forecast` in PyTorch: segments of a window → GRU → segments of the forecast (Lin et al. 2023).

A batch is `[windows, channels, steps]`; channels share the weights. Nothing loops over windows: a batch is one index into
a view of all windows.
"""
import math

import torch

LAST_VALUE = 0  # as a lag: the forecast that repeats the last value


class Forecaster(torch.nn.Module):
    """Windows `[N, C, L]`, in the units of the loss, to forecasts `[N, C, H]`."""

    def __init__(self, window, horizon, segment, hidden, channels, dropout, lags=()):
        super().__init__()
        self.horizon, self.segment, self.lags = horizon, segment, lags
        self.embed = torch.nn.Linear(segment, hidden)
        self.gru = torch.nn.GRU(hidden, hidden)
        self.positions = torch.nn.Parameter(torch.randn(horizon // segment, hidden // 2))
        self.channels = torch.nn.Parameter(torch.randn(channels, hidden // 2))
        self.dropout = torch.nn.Dropout(dropout)
        self.head = torch.nn.Linear(hidden, segment)
        if lags:
            self.gate = torch.nn.Parameter(torch.zeros(channels, horizon, len(lags)))

    def forward(self, window):
        last = window[..., -1:]
        relative = window - last
        batch, channels, _ = window.shape
        segments = relative.reshape(batch * channels, -1, self.segment).transpose(0, 1)
        _, state = self.gru(torch.relu(self.embed(segments)))
        count = len(self.positions)
        queries = torch.cat([self.positions.expand(channels, -1, -1), self.channels[:, None].expand(-1, count, -1)], -1)
        queries = queries.reshape(1, channels * count, -1).repeat(1, batch, 1)
        decoded, _ = self.gru(queries, state.repeat_interleave(count, 1))
        output = self.head(self.dropout(decoded)).reshape(batch, channels, self.horizon)
        if self.lags:
            output = output + (torch.softmax(self.gate, -1) * naive(relative, self.horizon, self.lags)).sum(-1)
        return last + output


def naive(window, horizon, lags):
    """The forecasts that repeat the last value or the last season of each lag: `[N, C, H, lags]`."""
    forecasts = [window[..., -max(lag, 1):].repeat(1, 1, math.ceil(horizon / max(lag, 1)))[..., :horizon] for lag in lags]
    return torch.stack(forecasts, -1)


def train(model, windows, options):
    """Trains on `windows` `[origins, C, L + H]`; returns the model with the averaged parameters."""
    length = windows.shape[-1] - model.horizon
    averaged = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=moving_average(options.average))
    optimizer = torch.optim.Adam(model.parameters(), lr=options.learning_rate, fused=True)
    steps = len(windows) // options.batch
    for _ in range(options.epochs):
        order = torch.randperm(len(windows))[: steps * options.batch]
        for indices in order.split(options.batch):
            batch = windows[indices]
            optimizer.zero_grad()
            torch.nn.functional.l1_loss(model(batch[..., :length]), batch[..., length:]).backward()
            optimizer.step()
            averaged.update_parameters(model)
    return averaged.module


def moving_average(decay):
    """An exponential moving average whose decay grows to `decay`, so that the first parameters are soon forgotten."""

    def update(averaged, current, count):
        torch._foreach_lerp_(averaged, current, 1 - min(decay, (1 + int(count)) / (10 + int(count))))

    return update


@torch.inference_mode()
def errors(model, windows, batch=256):
    """MSE and MAE over all windows, channels and steps."""
    model.eval()
    length = windows.shape[-1] - model.horizon
    squared = absolute = 0
    for part in windows.split(batch):
        difference = model(part[..., :length]) - part[..., length:]
        squared += difference.square().sum().item()
        absolute += difference.abs().sum().item()
    count = windows.shape[0] * windows.shape[1] * model.horizon
    return squared / count, absolute / count
