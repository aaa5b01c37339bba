// A step of each optimizer with everything that it takes, and with as little, against PyTorch's formulas in Double.
#include "driver.h"

enum { COUNT = 35 };
static const float rate = 0.1f, decay = 0.01f, factor = 0.9f, alpha = 0.95f, epsilon = 1e-3f;

typedef struct {
  float *p, *g, *old, *states[3], *oldStates[3];
} Run;

static Run makeRun(void) {
  Run run = {numbers(COUNT, 1), numbers(COUNT, 1), numbers(COUNT, 0), {0}, {0}};
  memcpy(run.old, run.p, COUNT * sizeof *run.p);
  for (size_t s = 0; s < 3; s++) {
    run.states[s] = numbers(COUNT, 0.1f);
    for (size_t i = 0; i < COUNT; i++) run.states[s][i] = 0.3f + (s < 2 ? run.states[s][i] : 0.1f * run.states[s][i]);
    run.oldStates[s] = numbers(COUNT, 0);
    memcpy(run.oldStates[s], run.states[s], COUNT * sizeof *run.p);
  }
  return run;
}

static void freeRun(Run run) {
  free(run.p), free(run.g), free(run.old);
  for (size_t s = 0; s < 3; s++) free(run.states[s]), free(run.oldStates[s]);
}

static double gradient(const Run *run, size_t i) { return run->g[i] + (double)decay * run->old[i]; }

static void checkSGD(int hasMomentum, int isNesterov, int isFirst) {
  Run run = makeRun();
  kernels->sgd(
    run.p, run.g, hasMomentum ? run.states[0] : NULL, COUNT, rate, decay, factor, 0.2f, isNesterov, isFirst);
  for (size_t i = 0; i < COUNT; i++) {
    double g = gradient(&run, i), m = isFirst ? g : factor * run.oldStates[0][i] + (1 - 0.2f) * g;
    if (hasMomentum) compare("sgd's momentum", run.states[0][i], m);
    compare("sgd", run.p[i], run.old[i] - rate * (hasMomentum ? isNesterov ? g + factor * m : m : g));
  }
  freeRun(run);
}

static void checkRMSprop(int hasMomentum, int isCentred) {
  Run run = makeRun();
  kernels->rmsprop(
    run.p, run.g, run.states[0], hasMomentum ? run.states[1] : NULL, isCentred ? run.states[2] : NULL, COUNT, rate,
    decay, alpha, epsilon, factor);
  for (size_t i = 0; i < COUNT; i++) {
    double g = gradient(&run, i), square = alpha * run.oldStates[0][i] + (1 - alpha) * g * g;
    double mean = run.oldStates[2][i] + (1 - alpha) * (g - run.oldStates[2][i]);
    double change = g / (sqrt(isCentred ? fmax(square - mean * mean, 0) : square) + epsilon);
    if (hasMomentum) change += factor * run.oldStates[1][i];
    compare("rmsprop's square", run.states[0][i], square);
    compare("rmsprop", run.p[i], run.old[i] - rate * change);
  }
  freeRun(run);
}

static void checkAdam(void) {
  Run run = makeRun();
  kernels->adam(
    run.p, run.g, run.states[0], run.states[1], COUNT, rate, decay, 0.99f, factor, alpha, 0.5f, epsilon);
  for (size_t i = 0; i < COUNT; i++) {
    double g = gradient(&run, i), m = run.oldStates[0][i] + (1 - factor) * (g - run.oldStates[0][i]);
    double v = alpha * run.oldStates[1][i] + (1 - alpha) * g * g;
    compare("adam", run.p[i], 0.99f * run.old[i] - rate * m / (sqrt(v) / 0.5 + epsilon));
  }
  freeRun(run);
}

static void checkAdagrad(void) {
  Run run = makeRun();
  kernels->adagrad(run.p, run.g, run.states[0], COUNT, rate, decay, epsilon);
  for (size_t i = 0; i < COUNT; i++) {
    double g = gradient(&run, i), square = run.oldStates[0][i] + g * g;
    compare("adagrad", run.p[i], run.old[i] - rate * g / (sqrt(square) + epsilon));
  }
  freeRun(run);
}

void checkOptimizers(void) {
  for (int flags = 0; flags < 8; flags++) checkSGD(flags & 1, flags >> 1 & 1, flags >> 2);
  for (int flags = 0; flags < 4; flags++) checkRMSprop(flags & 1, flags >> 1);
  checkAdam();
  checkAdagrad();
}
