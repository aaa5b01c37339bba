// Softmax, losses, layer norm and sums of a row, at counts on both sides of a vector's borders.
#include "driver.h"

static void checkSoftmax(const float *x, const float *mask, size_t count) {
  float *y = numbers(count, 1), *dy = numbers(count, 1), *out = numbers(count, 0);
  double sum = 0, product = 0;
  for (size_t i = 0; i < count; i++) sum += mask && mask[i] == 0 ? 0 : exp(x[i]);
  kernels->softmax(x, mask, y, count);
  for (size_t i = 0; i < count; i++) {
    compare("softmax", y[i], (mask && mask[i] == 0) || sum == 0 ? 0 : exp(x[i]) / sum);
    product += (double)y[i] * dy[i];
  }
  kernels->softmaxBackward(y, dy, out, count, 1);
  for (size_t i = 0; i < count; i++) compare("softmax backward", out[i], y[i] * (dy[i] - product));
  free(y), free(dy), free(out);
}

static void checkLosses(const float *x, const float *target, size_t count) {
  double sum = 0, squares = 0, binary = 0, distances = 0, huber = 0;
  for (size_t i = 0; i < count; i++) {
    sum += exp(x[i]);
    squares += ((double)x[i] - target[i]) * ((double)x[i] - target[i]);
    double distance = fabs((double)x[i] - target[i]);
    distances += distance;
    huber += distance < 0.75 ? distance * distance / 2 : 0.75 * (distance - 0.375);
    binary += fmax(x[i], 0) - (double)x[i] * target[i] + log1p(exp(-fabs(x[i])));
  }
  compare("log sum", kernels->logSum(x, count), log(sum));
  compare("squared error", kernels->elementwiseLoss(0, x, target, 1, count), squares);
  compare("binary cross-entropy", kernels->elementwiseLoss(1, x, target, 1, count), binary);
  compare("absolute error", kernels->elementwiseLoss(2, x, target, 1, count), distances);
  compare("Huber's loss", kernels->elementwiseLoss(3, x, target, 0.75f, count), huber);
  float *out = numbers(count, 0);
  int32_t last = (int32_t)count - 1, targets[] = {0, last, -1, INT32_MAX};
  for (size_t t = 0; t < 4; t++) {
    kernels->crossEntropyBackward(x, (float)log(sum), targets[t], 0.7f, 0.1f, out, count, 0);
    for (size_t i = 0; i < count; i++) {
      double wanted = ((int32_t)i == targets[t] ? 0.9 : 0) + 0.1 / (double)count;
      compare("cross-entropy", out[i], 0.7f * (exp(x[i]) / sum - wanted));
    }
  }
  free(out);
}

// One row; `gain` may be NULL, and then there is no bias.
static void checkLayerNorm(const float *x, const float *gain, size_t count) {
  float *y = numbers(count, 1), *dy = numbers(count, 1), *out = numbers(count, 0), *dGain = numbers(count, 0);
  float statistics[2];
  double mean = 0, variance = 0, meanG = 0, meanGY = 0;
  for (size_t i = 0; i < count; i++) mean += x[i] / (double)count;
  for (size_t i = 0; i < count; i++) variance += (x[i] - mean) * (x[i] - mean) / (double)count;
  double inverse = 1 / sqrt(variance + 0.1f);
  kernels->layerNorm(x, gain, gain, 0.1f, y, statistics, count);
  for (size_t i = 0; i < count; i++) {
    double normal = (x[i] - mean) * inverse, g = gain ? (double)gain[i] : 1;
    compare("layer norm", y[i], normal * g + (gain ? g : 0));
    meanG += g * dy[i] / (double)count;
    meanGY += g * dy[i] * normal / (double)count;
  }
  kernels->layerNormBackward(x, gain, statistics, dy, out, count, 1);
  kernels->layerNormGain(x, count, statistics, 2, dy, count, 1, dGain, count, 1);
  for (size_t i = 0; i < count; i++) {
    double normal = (x[i] - mean) * inverse, g = gain ? (double)gain[i] : 1;
    compare("layer norm backward", out[i], (g * dy[i] - meanG - normal * meanGY) * inverse);
    compare("layer norm's gain", dGain[i], dy[i] * normal);
  }
  free(y), free(dy), free(out), free(dGain);
}

// Sums of a row, and of columns over two runs of rows with others between.
static void checkSums(size_t count) {
  enum { RUN = 70, STRIDE = 90 };
  float *x = numbers((STRIDE + RUN) * count, 1), *out = numbers(count, 0);
  for (int squares = 0; squares < 2; squares++) {
    double sum = 0;
    for (size_t i = 0; i < RUN * count; i++) sum += squares ? (double)x[i] * x[i] : (double)x[i];
    compare("sum", kernels->sum(x, RUN * count, squares), sum);
    kernels->sumRows(x, count, (CPURuns){2, RUN, STRIDE}, out, count, squares, 0.25f, 0);
    for (size_t i = 0; i < count; i++) {
      double column = 0;
      for (size_t r = 0; r < STRIDE + RUN; r++) {
        double v = r < RUN || r >= STRIDE ? (double)x[r * count + i] : 0;
        column += squares ? v * v : v;
      }
      compare("sum of rows", out[i], 0.25 * column);
    }
  }
  compare("finite", kernels->hasNonFinite(x, count), 0);
  x[count - 1] = -INFINITY;
  compare("not finite", kernels->hasNonFinite(x, count) != 0, 1);
  free(x), free(out);
}

// The maxima of columns over rows, the second of which is there twice.
static void checkMaxima(size_t count) {
  enum { ROWS = 4 };
  float *x = numbers(ROWS * count, 1), *y = numbers(count, 1), *dx = numbers(ROWS * count, 1);
  int32_t *steps = malloc(count * sizeof *steps);
  memcpy(x + 3 * count, x + count, count * sizeof *x);
  kernels->maxOverTime(x, count, ROWS, y, steps, count);
  for (size_t t = 0; t < ROWS; t++)
    kernels->maxOverTimeBackward(y, steps, (int32_t)t, dx + t * count, count, 0);
  for (size_t i = 0; i < count; i++) {
    size_t best = 0;
    for (size_t t = 1; t < ROWS; t++)
      if (x[t * count + i] > x[best * count + i]) best = t;
    compare("maximum", y[i], x[best * count + i]);
    compare("its step", steps[i], (double)best);
    for (size_t t = 0; t < ROWS; t++) compare("its gradient", dx[t * count + i], t == best ? y[i] : 0);
  }
  kernels->maxOverTime(x, count, 0, y, steps, count);
  for (size_t i = 0; i < count; i++) compare("no maximum", y[i] + (float)steps[i], -1);
  free(x), free(y), free(dx), free(steps);
}

// A query and three keys, the second of which has no gradient.
static void checkAttention(size_t count) {
  enum { KEYS = 3 };
  float *query = numbers(count, 1), *keys = numbers(KEYS * count, 1), *v = numbers(count, 1), scores[KEYS];
  float *out = numbers(count, 1), *before = numbers(count, 0), *parts = numbers(count, 0), d[KEYS] = {0.5f, 0, -2};
  kernels->additiveScores(query, keys, count, KEYS, v, scores, count);
  for (size_t k = 0; k < KEYS; k++) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += v[i] * tanh((double)query[i] + keys[k * count + i]);
    compare("additive scores", scores[k], sum);
  }
  memcpy(before, out, count * sizeof *out);
  kernels->additiveSlopes(query, keys, count, d, 1, KEYS, v, out, 1, parts, count);
  for (size_t i = 0; i < count; i++) {
    double slope = 0, part = 0;
    for (size_t k = 0; k < KEYS; k++) {
      double t = tanh((double)query[i] + keys[k * count + i]);
      slope += d[k] * v[i] * (1 - t * t);
      part += d[k] * t;
    }
    compare("additive slopes", out[i], before[i] + slope);
    compare("parts of the vector's", parts[i], part);
  }
  free(query), free(keys), free(v), free(out), free(before), free(parts);
}

void checkRows(void) {
  for (size_t count = 1; count < 68; count += count < 20 ? 1 : 11) {
    float *x = numbers(count, 3), *target = numbers(count, 1);
    float *mask = numbers(count, 0);
    for (size_t i = 0; i < count; i++) mask[i] = i % 3 == 1;
    checkSoftmax(x, NULL, count);
    checkSoftmax(x, mask, count);
    checkLosses(x, target, count);
    checkLayerNorm(x, target, count);
    checkLayerNorm(x, NULL, count);
    checkSums(count);
    checkMaxima(count);
    checkAttention(count);
    free(x), free(target), free(mask);
  }
}
