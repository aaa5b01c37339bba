// The GRU: gates r, z, n; h = (1 − z) ⊙ n + z ⊙ h₋₁. The reserve keeps r, z, n and in slot 3 a factor of the reset:
// U_n h₋₁ + b′_n (reset after) or r ⊙ h₋₁ (reset before). Reset before needs two products per step, so two kernels.

// h = n + z ⊙ (h₋₁ − n)
INLINE void NAME(gruState)(const CPUCellForward *s, size_t n, size_t unit, size_t count, vec candidate, vec z) {
  vec before = NAME(stateBefore)(s->hBefore, s->hStride, s->resets, n, unit, count);
  NAME(setState)(s, n, unit, count, candidate + z * (before - candidate));
}

// MARK: Reset after

INLINE void NAME(gruResetAfterForwardUnits)(
  const CPUCellForward *s, size_t n, size_t unit, size_t count, NAME(Sums) input, NAME(Sums) recurrent) {
  if (!NAME(isActive)(s->lengths, n, s->step)) return NAME(carryState)(s, n, unit, count, 4);
  float *gates = s->gates + n * s->gatesStride + unit;
  size_t hidden = s->hidden;
  vec r = NAME(sigmoid)(NAME(preactivation)(s, 0, unit, count, input, recurrent, 0));
  vec z = NAME(sigmoid)(NAME(preactivation)(s, 1, unit, count, input, recurrent, 1));
  vec product = NAME(gateBias)(s, 3, unit, count) + NAME(gateSum)(recurrent, 2, count);
  vec candidate = NAME(tanh)(NAME(gateSum)(input, 2, count) + NAME(gateBias)(s, 2, unit, count) + r * product);
  NAME(store)(gates, r, count);
  NAME(store)(gates + hidden, z, count);
  NAME(store)(gates + 2 * hidden, candidate, count);
  NAME(store)(gates + 3 * hidden, product, count);
  NAME(gruState)(s, n, unit, count, candidate, z);
}

static void NAME(gruResetAfterForward)(const CPUCellForward *s, CPURange rows, CPURange panels) {
  NAME(forward)(s, rows, panels, 0, 3, s->hBefore, s->hStride, NAME(gruResetAfterForwardUnits));
}

INLINE void NAME(gruResetAfterBackwardUnits)(
  const CPUCellBackward *s, size_t n, size_t unit, size_t count, vec sum) {
  int isActive;
  vec dh = NAME(stateGradient)(s, n, unit, count, sum, 4, &isActive);
  if (!isActive) return;
  float *gates = s->gates + n * s->gatesStride + unit;
  size_t hidden = s->hidden;
  vec r = NAME(load)(gates, count), z = NAME(load)(gates + hidden, count);
  vec candidate = NAME(load)(gates + 2 * hidden, count), recurrent = NAME(load)(gates + 3 * hidden, count);
  vec before = NAME(stateBefore)(s->hBefore, s->hStride, s->resets, n, unit, count);
  vec dn = dh * (1.0f - z) * (1.0f - candidate * candidate);
  NAME(store)(gates, dn * recurrent * r * (1.0f - r), count);
  NAME(store)(gates + hidden, dh * (before - candidate) * z * (1.0f - z), count);
  NAME(store)(gates + 2 * hidden, dn, count);
  NAME(store)(gates + 3 * hidden, r * dn, count);
  NAME(store)(s->dh + n * s->dhStride + unit, dh * z, count);
}

// The candidate's rows of U are multiplied by r ⊙ dn, which is in slot 3.
static void NAME(gruResetAfterBackward)(const CPUCellBackward *s, CPURange rows, CPURange panels) {
  size_t hidden = s->hidden;
  NAME(Factor) one = {s->after, s->weights, s->gatesStride, 2 * hidden};
  NAME(Factor) two = {s->weights ? s->after + 3 * hidden : NULL, s->weights, s->gatesStride, hidden};
  NAME(backward)(s, rows, panels, 3 * hidden, one, two, NAME(gruResetAfterBackwardUnits));
}

// MARK: Reset before

INLINE void NAME(gruResetGatesUnits)(
  const CPUCellForward *s, size_t n, size_t unit, size_t count, NAME(Sums) input, NAME(Sums) recurrent) {
  if (!NAME(isActive)(s->lengths, n, s->step)) return NAME(carryState)(s, n, unit, count, 4);
  float *gates = s->gates + n * s->gatesStride + unit;
  vec r = NAME(sigmoid)(NAME(preactivation)(s, 0, unit, count, input, recurrent, 0));
  NAME(store)(gates, r, count);
  NAME(store)(gates + s->hidden, NAME(sigmoid)(NAME(preactivation)(s, 1, unit, count, input, recurrent, 1)), count);
  vec before = NAME(stateBefore)(s->hBefore, s->hStride, s->resets, n, unit, count);
  NAME(store)(gates + 3 * s->hidden, r * before, count);
}

static void NAME(gruResetGatesForward)(const CPUCellForward *s, CPURange rows, CPURange panels) {
  NAME(forward)(s, rows, panels, 0, 2, s->hBefore, s->hStride, NAME(gruResetGatesUnits));
}

INLINE void NAME(gruCandidateUnits)(
  const CPUCellForward *s, size_t n, size_t unit, size_t count, NAME(Sums) input, NAME(Sums) recurrent) {
  if (!NAME(isActive)(s->lengths, n, s->step)) return;
  float *gates = s->gates + n * s->gatesStride + unit;
  vec candidate = NAME(tanh)(NAME(preactivation)(s, 2, unit, count, input, recurrent, 0));
  NAME(store)(gates + 2 * s->hidden, candidate, count);
  NAME(gruState)(s, n, unit, count, candidate, NAME(load)(gates + s->hidden, count));
}

static void NAME(gruCandidateForward)(const CPUCellForward *s, CPURange rows, CPURange panels) {
  NAME(forward)(s, rows, panels, 2, 1, s->gates + 3 * s->hidden, s->gatesStride, NAME(gruCandidateUnits));
}

// Leaves dn and dz in the gates and dh ⊙ z in dh.
INLINE void NAME(gruCandidateBackwardUnits)(
  const CPUCellBackward *s, size_t n, size_t unit, size_t count, vec sum) {
  int isActive;
  vec dh = NAME(stateGradient)(s, n, unit, count, sum, 3, &isActive);
  if (!isActive) return;
  float *gates = s->gates + n * s->gatesStride + unit;
  size_t hidden = s->hidden;
  vec z = NAME(load)(gates + hidden, count), candidate = NAME(load)(gates + 2 * hidden, count);
  vec before = NAME(stateBefore)(s->hBefore, s->hStride, s->resets, n, unit, count);
  NAME(store)(gates + hidden, dh * (before - candidate) * z * (1.0f - z), count);
  NAME(store)(gates + 2 * hidden, dh * (1.0f - z) * (1.0f - candidate * candidate), count);
  NAME(store)(s->dh + n * s->dhStride + unit, dh * z, count);
}

// `after` holds dr and dz of the next step.
static void NAME(gruCandidateBackward)(const CPUCellBackward *s, CPURange rows, CPURange panels) {
  NAME(Factor) one = {s->after, s->weights, s->gatesStride, 2 * s->hidden}, none = {0};
  NAME(backward)(s, rows, panels, 2 * s->hidden, one, none, NAME(gruCandidateBackwardUnits));
}

// `sum` is dn · U_n, the gradient of r ⊙ h₋₁: leaves dr, and adds it ⊙ r to dh.
INLINE void NAME(gruResetGatesBackwardUnits)(
  const CPUCellBackward *s, size_t n, size_t unit, size_t count, vec sum) {
  if (!NAME(isActive)(s->lengths, n, s->step)) return;
  if (!s->weights) sum = NAME(load)(s->recurrent + n * s->recurrentStride + unit, count);
  float *gates = s->gates + n * s->gatesStride + unit, *dh = s->dh + n * s->dhStride + unit;
  vec r = NAME(load)(gates, count);
  vec before = NAME(stateBefore)(s->hBefore, s->hStride, s->resets, n, unit, count);
  NAME(store)(gates, sum * before * r * (1.0f - r), count);
  NAME(store)(dh, NAME(load)(dh, count) + sum * r, count);
}

// `after` holds dn of this step.
static void NAME(gruResetGatesBackward)(const CPUCellBackward *s, CPURange rows, CPURange panels) {
  NAME(Factor) one = {s->after, s->weights, s->gatesStride, s->hidden}, none = {0};
  NAME(backward)(s, rows, panels, s->hidden, one, none, NAME(gruResetGatesBackwardUnits));
}
