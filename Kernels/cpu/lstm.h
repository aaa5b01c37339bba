// The LSTM: gates i, f, g, o; c = f ⊙ c₋₁ + i ⊙ g, h = o ⊙ tanh c. The reserve keeps i, f, g, o.

INLINE void NAME(lstmForwardUnits)(
  const CPUCellForward *s, size_t n, size_t unit, size_t count, NAME(Sums) input, NAME(Sums) recurrent) {
  if (!NAME(isActive)(s->lengths, n, s->step)) return NAME(carryState)(s, n, unit, count, 4);
  float *gates = s->gates + n * s->gatesStride + unit;
  size_t hidden = s->hidden;
  vec x[4];
#pragma clang loop unroll(full)
  for (size_t g = 0; g < 4; g++) x[g] = NAME(preactivation)(s, g, unit, count, input, recurrent, g);
  vec i = NAME(sigmoid)(x[0]), f = NAME(sigmoid)(x[1]), g = NAME(tanh)(x[2]), o = NAME(sigmoid)(x[3]);
  vec c = f * NAME(stateBefore)(s->cBefore, s->cStride, s->resets, n, unit, count) + i * g;
  NAME(store)(gates, i, count);
  NAME(store)(gates + hidden, f, count);
  NAME(store)(gates + 2 * hidden, g, count);
  NAME(store)(gates + 3 * hidden, o, count);
  NAME(store)(s->c + n * s->cStride + unit, c, count);
  NAME(setState)(s, n, unit, count, o * NAME(tanh)(c));
}

static void NAME(lstmForward)(const CPUCellForward *s, CPURange rows, CPURange panels) {
  NAME(forward)(s, rows, panels, 0, 4, s->hBefore, s->hStride, NAME(lstmForwardUnits));
}

INLINE void NAME(lstmBackwardUnits)(const CPUCellBackward *s, size_t n, size_t unit, size_t count, vec sum) {
  int isActive;
  float *dcState = s->dc + n * s->dcStride + unit;
  vec dc = NAME(isCut)(s, n) ? (vec)0.0f : NAME(load)(dcState, count);
  vec dh = NAME(stateGradient)(s, n, unit, count, sum, 4, &isActive);
  if (!isActive) return NAME(store)(dcState, dc, count);

  float *gates = s->gates + n * s->gatesStride + unit;
  size_t hidden = s->hidden;
  vec i = NAME(load)(gates, count), f = NAME(load)(gates + hidden, count);
  vec g = NAME(load)(gates + 2 * hidden, count), o = NAME(load)(gates + 3 * hidden, count);
  vec y = NAME(tanh)(NAME(load)(s->c + n * s->cStride + unit, count));
  dc += dh * o * (1.0f - y * y);
  vec before = NAME(stateBefore)(s->cBefore, s->cStride, s->resets, n, unit, count);
  NAME(store)(gates, dc * g * i * (1.0f - i), count);
  NAME(store)(gates + hidden, dc * before * f * (1.0f - f), count);
  NAME(store)(gates + 2 * hidden, dc * i * (1.0f - g * g), count);
  NAME(store)(gates + 3 * hidden, dh * y * o * (1.0f - o), count);
  NAME(store)(dcState, dc * f, count);
  NAME(store)(s->dh + n * s->dhStride + unit, 0.0f, count);
}

static void NAME(lstmBackward)(const CPUCellBackward *s, CPURange rows, CPURange panels) {
  NAME(Factor) one = {s->after, s->weights, s->gatesStride, 4 * s->hidden}, none = {0};
  NAME(backward)(s, rows, panels, 4 * s->hidden, one, none, NAME(lstmBackwardUnits));
}
