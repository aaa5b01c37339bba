// Elman's cell: h = activation(W x + U h₋₁ + b). The reserve keeps h.

INLINE void NAME(elmanForwardUnits)(
  const CPUCellForward *s, size_t n, size_t unit, size_t count, NAME(Sums) input, NAME(Sums) recurrent) {
  if (!NAME(isActive)(s->lengths, n, s->step)) return NAME(carryState)(s, n, unit, count, 1);
  vec x = NAME(preactivation)(s, 0, unit, count, input, recurrent, 0);
  vec h = NAME(activation)(s->activation, x);
  NAME(store)(s->gates + n * s->gatesStride + unit, h, count);
  NAME(setState)(s, n, unit, count, h);
}

static void NAME(elmanForward)(const CPUCellForward *s, CPURange rows, CPURange panels) {
  NAME(forward)(s, rows, panels, 0, 1, s->hBefore, s->hStride, NAME(elmanForwardUnits));
}

INLINE void NAME(elmanBackwardUnits)(const CPUCellBackward *s, size_t n, size_t unit, size_t count, vec sum) {
  int isActive;
  vec dh = NAME(stateGradient)(s, n, unit, count, sum, 1, &isActive);
  if (!isActive) return;
  float *gates = s->gates + n * s->gatesStride + unit;
  NAME(store)(gates, dh * NAME(slope)(s->activation, NAME(load)(gates, count)), count);
  NAME(store)(s->dh + n * s->dhStride + unit, 0.0f, count);
}

static void NAME(elmanBackward)(const CPUCellBackward *s, CPURange rows, CPURange panels) {
  NAME(Factor) one = {s->after, s->weights, s->gatesStride, s->hidden}, none = {0};
  NAME(backward)(s, rows, panels, s->hidden, one, none, NAME(elmanBackwardUnits));
}
