// Each cell's fused step, forward against Double code and backward against its differences.
#include "driver.h"

enum { ROWS = 7, HIDDEN = 37, SLOTS = 4 };
typedef enum { ELMAN, LSTM, GRU_AFTER, GRU_BEFORE } Kind;
static const char *const names[] = {"elman", "lstm", "gru reset after", "gru reset before"};
static const size_t gateCounts[] = {1, 4, 3, 3};

// One step's memory. `gates` holds x · Wᵀ on entry.
typedef struct {
  float *u, *bias, *hBefore, *h, *cBefore, *c, *gates;
} Step;

static void runForward(CPUForwardStep *kernel, CPUCellForward arguments, const float *u, size_t first, size_t gates) {
  float *packed = packCell((CPUMatrix){u + first * HIDDEN * HIDDEN, 1, HIDDEN}, HIDDEN, HIDDEN, gates);
  arguments.weights = packed;
  kernel(&arguments, (CPURange){0, ROWS}, (CPURange){0, cpuCellPanelCount(HIDDEN, kernels->width, gates)});
  free(packed);
}

// Gate g of unit j before its activation, in Double; `state` is what U multiplies.
static double gate(const Step *s, const float *x, size_t n, size_t g, size_t j, const double *state) {
  double sum = x[(n * SLOTS + g) * HIDDEN + j] + s->bias[g * HIDDEN + j];
  for (size_t k = 0; k < HIDDEN && state; k++) sum += state[k] * s->u[(g * HIDDEN + j) * HIDDEN + k];
  return sum;
}

// h of one row, in Double; c too where the cell has one.
static void expected(Kind kind, const Step *s, const float *x, size_t n, double *h, double *c) {
  double before[HIDDEN], reset[HIDDEN];
  for (size_t j = 0; j < HIDDEN; j++) before[j] = s->hBefore[n * HIDDEN + j];
  for (size_t j = 0; j < HIDDEN; j++) reset[j] = kind == GRU_BEFORE ? sigmoid(gate(s, x, n, 0, j, before)) * before[j] : 0;
  for (size_t j = 0; j < HIDDEN; j++) {
    if (kind == ELMAN) {
      h[j] = tanh(gate(s, x, n, 0, j, before));
    } else if (kind == LSTM) {
      double i = sigmoid(gate(s, x, n, 0, j, before)), f = sigmoid(gate(s, x, n, 1, j, before));
      c[j] = f * s->cBefore[n * HIDDEN + j] + i * tanh(gate(s, x, n, 2, j, before));
      h[j] = sigmoid(gate(s, x, n, 3, j, before)) * tanh(c[j]);
    } else {
      double candidate = gate(s, x, n, 2, j, kind == GRU_BEFORE ? reset : NULL);
      if (kind == GRU_AFTER) {
        double recurrent = s->bias[3 * HIDDEN + j];
        for (size_t k = 0; k < HIDDEN; k++) recurrent += before[k] * s->u[(2 * HIDDEN + j) * HIDDEN + k];
        candidate += sigmoid(gate(s, x, n, 0, j, before)) * recurrent;
      }
      double z = sigmoid(gate(s, x, n, 1, j, before));
      h[j] = (1 - z) * tanh(candidate) + z * before[j];
    }
  }
}

// Σ weight ⊙ h of all rows, for the central difference.
static double objective(Kind kind, const Step *s, const float *x, const float *weight) {
  double h[HIDDEN], c[HIDDEN], sum = 0;
  for (size_t n = 0; n < ROWS; n++) {
    expected(kind, s, x, n, h, c);
    for (size_t j = 0; j < HIDDEN; j++) sum += weight[n * HIDDEN + j] * h[j];
  }
  return sum;
}

// The gates' gradients against differences of the Double step. Half a step of 1/64 is exact in float.
static void checkBackward(Kind kind, const Step *s, float *x) {
  float *dh = numbers(ROWS * HIDDEN, 1), *dc = calloc(ROWS * HIDDEN, sizeof *dc);
  float *weight = numbers(ROWS * HIDDEN, 1);
  memcpy(weight, dh, ROWS * HIDDEN * sizeof *dh);
  CPUCellBackward step = {
    .hidden = HIDDEN, .reader = 1, .hBefore = s->hBefore, .hStride = HIDDEN, .cBefore = s->cBefore, .c = s->c,
    .cStride = HIDDEN, .gates = s->gates, .gatesStride = SLOTS * HIDDEN, .dh = dh, .dhStride = HIDDEN, .dc = dc,
    .dcStride = HIDDEN};
  CPURange rows = {0, ROWS}, all = {0, cpuCellPanelCount(HIDDEN, kernels->width, 1)};
  if (kind == ELMAN) kernels->elmanBackward(&step, rows, all);
  if (kind == LSTM) kernels->lstmBackward(&step, rows, all);
  if (kind == GRU_AFTER) kernels->gruResetAfterBackward(&step, rows, all);
  if (kind == GRU_BEFORE) {
    kernels->gruCandidateBackward(&step, rows, all);
    float *packed = packCell((CPUMatrix){s->u + 2 * HIDDEN * HIDDEN, HIDDEN, 1}, HIDDEN, HIDDEN, 1);
    step.after = s->gates + 2 * HIDDEN;
    step.weights = packed;
    kernels->gruResetGatesBackward(&step, rows, all);
    free(packed);
  }
  for (size_t place = 0; place < 40; place++) {
    size_t n = place % ROWS, g = place % gateCounts[kind], at = (n * SLOTS + g) * HIDDEN + place * 11 % HIDDEN;
    float kept = x[at], by = 1.0f / 1024;
    x[at] = kept + by;
    double up = objective(kind, s, x, weight), high = x[at];
    x[at] = kept - by;
    double slope = (up - objective(kind, s, x, weight)) / (high - x[at]);
    x[at] = kept;
    compare(names[kind], s->gates[at], slope);
  }
  free(dh), free(dc), free(weight);
}

static void checkCell(Kind kind) {
  size_t states = ROWS * HIDDEN, slots = SLOTS * HIDDEN;
  Step s = {
    numbers(gateCounts[kind] * HIDDEN * HIDDEN, 0.3f), numbers(slots, 1), numbers(states, 1), numbers(states, 1),
    numbers(states, 1), numbers(states, 1), numbers(ROWS * slots, 1)};
  float *x = numbers(ROWS * slots, 1);
  memcpy(x, s.gates, ROWS * slots * sizeof *x);
  CPUCellForward step = {
    .hidden = HIDDEN, .bias = s.bias, .hBefore = s.hBefore, .h = s.h, .hStride = HIDDEN, .cBefore = s.cBefore,
    .c = s.c, .cStride = HIDDEN, .gates = s.gates, .gatesStride = slots};
  if (kind == ELMAN) runForward(kernels->elmanForward, step, s.u, 0, 1);
  if (kind == LSTM) runForward(kernels->lstmForward, step, s.u, 0, 4);
  if (kind == GRU_AFTER) runForward(kernels->gruResetAfterForward, step, s.u, 0, 3);
  if (kind == GRU_BEFORE) {
    runForward(kernels->gruResetGatesForward, step, s.u, 0, 2);
    runForward(kernels->gruCandidateForward, step, s.u, 2, 1);
  }
  for (size_t n = 0; n < ROWS; n++) {
    double h[HIDDEN], c[HIDDEN];
    expected(kind, &s, x, n, h, c);
    for (size_t j = 0; j < HIDDEN; j++) {
      compare(names[kind], s.h[n * HIDDEN + j], h[j]);
      if (kind == LSTM) compare(names[kind], s.c[n * HIDDEN + j], c[j]);
    }
  }
  checkBackward(kind, &s, x);
  free(s.u), free(s.bias), free(s.hBefore), free(s.h), free(s.cBefore), free(s.c), free(s.gates), free(x);
}

void checkCells(void) {
  for (Kind kind = ELMAN; kind <= GRU_BEFORE; kind++) checkCell(kind);
}
