// Each cell's fused step with everything that a sequence may add: lengths, resets, the input's product or that of U in
// memory, an output and its gradient, what the step after left. The results of a level against those of the baseline,
// whose vectors have another width.
#include "driver.h"

enum { ROWS = 11, HIDDEN = 37, INPUTS = 19, SLOTS = 4, STATES = ROWS * HIDDEN, GATES = STATES * SLOTS };
enum { RESULTS = 6 * STATES + 2 * GATES };

// A kernel of a step: its gates from `first` on, which interleave where there are more than one.
typedef struct {
  CPUForwardStep *forward;
  size_t first, gates;
} Forward;

// The rows of U that it multiplies; its own gates' gradients or those that the step after left.
typedef struct {
  CPUBackwardStep *backward;
  size_t first, gates;
  int isOwn;
} Backward;

typedef struct {
  float *u, *w, *x, *bias, *hBefore, *h, *cBefore, *c, *gates, *recurrent, *output, *dOutput, *dh, *dc, *after;
} Memory;

static const int32_t lengths[ROWS] = {1, 3, 2, 3, 1, 3, 3, 2, 3, 3, 1};
static const int32_t resets[ROWS] = {0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0};
static const int32_t cuts[ROWS] = {1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0};

// Whether products are made by the step; else they lie in memory. A plain step is the last of a sequence of
// full length, whose output nobody reads.
typedef struct {
  int fusesInput, fusesState, isPlain;
} Variant;

static Memory makeMemory(size_t gates) {
  restart();
  return (Memory){
    .u = numbers(gates * HIDDEN * HIDDEN, 0.3f), .w = numbers(gates * HIDDEN * INPUTS, 0.3f),
    .x = numbers(ROWS * INPUTS, 1), .bias = numbers(SLOTS * HIDDEN, 1), .hBefore = numbers(STATES, 1),
    .h = numbers(STATES, 1), .cBefore = numbers(STATES, 1), .c = numbers(STATES, 1), .gates = numbers(GATES, 1),
    .recurrent = numbers(GATES, 1), .output = numbers(STATES, 1), .dOutput = numbers(STATES, 1),
    .dh = numbers(STATES, 1), .dc = numbers(STATES, 1), .after = numbers(GATES, 1)};
}

static void freeMemory(Memory m) {
  free(m.u), free(m.w), free(m.x), free(m.bias), free(m.hBefore), free(m.h), free(m.cBefore), free(m.c), free(m.gates);
  free(m.recurrent), free(m.output), free(m.dOutput), free(m.dh), free(m.dc), free(m.after);
}

static void forward(Forward phase, const Memory *m, Variant v) {
  size_t first = phase.first * HIDDEN;
  float *weights = packCell((CPUMatrix){m->u + first * HIDDEN, 1, HIDDEN}, HIDDEN, HIDDEN, phase.gates);
  float *inputs = packCell((CPUMatrix){m->w + first * INPUTS, 1, INPUTS}, INPUTS, HIDDEN, phase.gates);
  CPUCellForward step = {
    .hidden = HIDDEN, .step = 1, .activation = 2, .lengths = v.isPlain ? NULL : lengths,
    .resets = v.isPlain ? NULL : resets, .inputWeights = v.fusesInput ? inputs : NULL, .x = m->x, .xStride = INPUTS,
    .inputs = INPUTS, .weights = v.fusesState ? weights : NULL, .recurrent = m->recurrent + first,
    .recurrentStride = SLOTS * HIDDEN, .bias = m->bias, .hBefore = m->hBefore, .h = m->h, .hStride = HIDDEN,
    .cBefore = m->cBefore, .c = m->c, .cStride = HIDDEN, .gates = m->gates, .gatesStride = SLOTS * HIDDEN,
    .output = v.isPlain ? NULL : m->output, .outputStride = HIDDEN};
  // Two parts, as two threads would take them.
  CPURange panels = {0, cpuCellPanelCount(HIDDEN, kernels->width, phase.gates)};
  phase.forward(&step, (CPURange){0, ROWS / 2}, panels);
  phase.forward(&step, (CPURange){ROWS / 2, ROWS}, panels);
  free(weights), free(inputs);
}

static void backward(Backward phase, const Memory *m, Variant v) {
  size_t first = phase.first * HIDDEN;
  float *weights = packCell((CPUMatrix){m->u + first * HIDDEN, HIDDEN, 1}, phase.gates * HIDDEN, HIDDEN, 1);
  int multiplies = v.fusesState && (phase.isOwn || !v.isPlain);
  CPUCellBackward step = {
    .hidden = HIDDEN, .step = 1, .reader = 2, .activation = 2, .lengths = v.isPlain ? NULL : lengths,
    .resets = v.isPlain ? NULL : resets, .cuts = v.isPlain ? NULL : cuts, .weights = multiplies ? weights : NULL,
    .after = multiplies ? phase.isOwn ? m->gates + first : m->after : NULL, .recurrent = m->recurrent,
    .recurrentStride = SLOTS * HIDDEN, .hBefore = m->hBefore, .hStride = HIDDEN, .cBefore = m->cBefore, .c = m->c,
    .cStride = HIDDEN, .gates = m->gates, .gatesStride = SLOTS * HIDDEN, .dOutput = v.isPlain ? NULL : m->dOutput,
    .dOutputStride = HIDDEN, .dh = m->dh, .dhStride = HIDDEN, .dc = m->dc, .dcStride = HIDDEN};
  CPURange panels = {0, cpuCellPanelCount(HIDDEN, kernels->width, 1)};
  phase.backward(&step, (CPURange){0, ROWS / 2}, panels);
  phase.backward(&step, (CPURange){ROWS / 2, ROWS}, panels);
  free(weights);
}

// The numbers that both steps of a cell leave.
static float *run(const CPUKernels *table, int cell, Variant v) {
  kernels = table;
  const Forward forwards[][2] = {
    {{table->elmanForward, 0, 1}}, {{table->lstmForward, 0, 4}}, {{table->gruResetAfterForward, 0, 3}},
    {{table->gruResetGatesForward, 0, 2}, {table->gruCandidateForward, 2, 1}}};
  const Backward backwards[][2] = {
    {{table->elmanBackward, 0, 1, 0}}, {{table->lstmBackward, 0, 4, 0}}, {{table->gruResetAfterBackward, 0, 3, 0}},
    {{table->gruCandidateBackward, 0, 2, 0}, {table->gruResetGatesBackward, 2, 1, 1}}};
  Memory m = makeMemory(4);
  float *results = numbers(RESULTS, 0), *next = results;
  for (size_t phase = 0; phase < 2; phase++)
    if (forwards[cell][phase].forward) forward(forwards[cell][phase], &m, v);
  memcpy(next, m.gates, GATES * sizeof *next), next += GATES;
  for (size_t phase = 0; phase < 2; phase++)
    if (backwards[cell][phase].backward) backward(backwards[cell][phase], &m, v);
  memcpy(next, m.gates, GATES * sizeof *next), next += GATES;
  const float *states[] = {m.h, m.c, m.output, m.dh, m.dc, m.hBefore};
  for (size_t s = 0; s < 6; s++, next += STATES) memcpy(next, states[s], STATES * sizeof *next);
  freeMemory(m);
  return results;
}

void checkSteps(void) {
  const CPUKernels *table = kernels, *baseline = cpuKernels("baseline");
  for (int cell = 0; cell < 4; cell++)
    for (int flags = 0; flags < 8; flags++) {
      Variant v = {flags & 1, flags >> 1 & 1, flags >> 2};
      float *found = run(table, cell, v), *expected = run(baseline ? baseline : table, cell, v);
      for (size_t i = 0; i < RESULTS; i++) compare("step of a sequence", found[i], expected[i]);
      free(found), free(expected);
    }
  kernels = table;
}
