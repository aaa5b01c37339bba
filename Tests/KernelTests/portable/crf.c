// A row of a linear-chain CRF, against the definition: sums over every path.
#include "driver.h"

enum { STEPS = 4, BATCH = 2 };  // every other row of memory is another row's

// What a path's score gains by tag `to` at step t, after tag `from`.
static double gain(const CPUChain *chain, size_t t, size_t from, size_t to) {
  double before = t == 0 ? chain->start[to] : chain->transitions[from * chain->transitionsStride + to];
  double after = t + 1 == chain->length ? chain->end[to] : 0;
  return before + chain->emissions[t * chain->emissionsStride + to] + after;
}

// The gradients of the loss, added up with `factor` over all paths from step t on: each takes part by its likelihood.
typedef struct {
  const CPUChain *chain;
  size_t path[STEPS];
  double sum, factor;
  double *emissions, *sums;  // [STEPS][K]; transitions, start, end
} Walk;

static void add(Walk *walk, double likelihood) {
  size_t count = walk->chain->tagCount, last = walk->chain->length - 1;
  double share = likelihood * walk->factor;
  for (size_t t = 0; t <= last; t++) {
    walk->emissions[t * count + walk->path[t]] += share;
    if (t > 0) walk->sums[walk->path[t - 1] * count + walk->path[t]] += share;
  }
  walk->sums[count * count + walk->path[0]] += share;
  walk->sums[count * count + count + walk->path[last]] += share;
}

// Visits every path; where `sum` is known, each adds its gradients. Returns the sum of e^score.
static double visit(Walk *walk, size_t t, double score) {
  if (t == walk->chain->length) {
    if (walk->sum > 0) add(walk, exp(score) / walk->sum);
    return exp(score);
  }
  double sum = 0;
  for (size_t to = 0; to < walk->chain->tagCount; to++) {
    walk->path[t] = to;
    sum += visit(walk, t + 1, score + gain(walk->chain, t, t > 0 ? walk->path[t - 1] : 0, to));
  }
  return sum;
}

static void checkRow(size_t length, size_t count, int adds) {
  size_t stride = BATCH * count, parameters = count * (count + 2);
  float *emissions = numbers(STEPS * stride, 3), *transitions = numbers(count * (count + 1), 2);
  float *start = numbers(count, 1), *end = numbers(count, 1), *alphas = numbers(2 * STEPS * stride, 1);
  float *room = numbers(parameters, 1), *dEmissions = numbers(STEPS * stride, 0), *sums = numbers(parameters, 0);
  double *wanted = calloc(STEPS * count + parameters, sizeof *wanted), own = 0;
  int32_t tags[STEPS * BATCH];
  for (size_t i = 0; i < STEPS * BATCH; i++) tags[i] = (int32_t)((i * 7 + 1) % count);
  CPUChain chain = {length, count, emissions, stride, tags, BATCH, transitions, count + 1, start, end, alphas, 2 * stride};
  Walk walk = {.chain = &chain, .factor = 0.7f, .emissions = wanted, .sums = wanted + STEPS * count};
  if (length > 0) {
    double sum = visit(&walk, 0, 0);
    walk.sum = sum;
    visit(&walk, 0, 0);
    for (size_t t = 0; t < length; t++) {
      walk.path[t] = (size_t)tags[t * BATCH];
      own += gain(&chain, t, t > 0 ? walk.path[t - 1] : 0, walk.path[t]);
    }
    add(&walk, -1);
    own = log(sum) - own;
  }
  compare("crf", kernels->crf(&chain), own);
  kernels->crfBackward(&chain, 0.7f, room, dEmissions, stride, adds, sums);
  for (size_t i = 0; i < STEPS * count; i++)
    compare("crf's emissions", dEmissions[i / count * stride + i % count], walk.emissions[i]);
  for (size_t i = 0; i < parameters; i++) compare("crf's parameters", sums[i], walk.sums[i]);
  kernels->crfBackward(&chain, 0.7f, room, NULL, 0, 0, sums);
  free(emissions), free(transitions), free(start), free(end), free(alphas), free(room), free(dEmissions), free(sums);
  free(wanted);
}

void checkCRF(void) {
  for (size_t length = 0; length <= STEPS; length++)
    for (size_t count = 1; count < 20; count += count < 5 ? 1 : 6) checkRow(length, count, length % 2 == 0);
}
