// Functions of elements, lookups and random numbers, at counts on both sides of a vector's borders.
#include "driver.h"

static const size_t counts[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67};

static void checkElements(size_t count, int adds) {
  float *x = numbers(count, 2), *y = numbers(count, 2), *before = numbers(count, 1), *out = numbers(count, 1);
#define EXPECT(name, call, value) \
  memcpy(out, before, count * sizeof *out); \
  call; \
  for (size_t i = 0; i < count; i++) compare(name, out[i], (value) + (adds ? (double)before[i] : 0))
  EXPECT("copy", kernels->copy(x, out, count, adds), x[i]);
  EXPECT("sum", kernels->combine(0, x, y, out, count, adds), (double)x[i] + y[i]);
  EXPECT("difference", kernels->combine(1, x, y, out, count, adds), (double)x[i] - y[i]);
  EXPECT("product of elements", kernels->combine(2, x, y, out, count, adds), (double)x[i] * y[i]);
  EXPECT("scale", kernels->scale(x, 3, out, count, adds), 3.0 * x[i]);
  EXPECT("relu", kernels->activate(2, x, out, count, adds), x[i] > 0 ? x[i] : 0);
  EXPECT("slope of tanh", kernels->activateBackward(0, x, y, out, count, adds), y[i] * (1 - (double)x[i] * x[i]));
  EXPECT("slope of sigmoid", kernels->activateBackward(1, x, y, out, count, adds), y[i] * (double)x[i] * (1 - x[i]));
  EXPECT("slope of relu", kernels->activateBackward(2, x, y, out, count, adds), x[i] > 0 ? y[i] : 0);
  EXPECT(
    "squared error", kernels->elementwiseLossBackward(0, x, y, 1, 0.3f, out, count, adds), 0.6f * ((double)x[i] - y[i]));
  EXPECT(
    "binary cross-entropy", kernels->elementwiseLossBackward(1, x, y, 1, 0.3f, out, count, adds),
    0.3f * (sigmoid(x[i]) - y[i]));
  EXPECT(
    "absolute error", kernels->elementwiseLossBackward(2, x, y, 1, 0.3f, out, count, adds), x[i] > y[i] ? 0.3f : -0.3f);
  EXPECT(
    "Huber's loss", kernels->elementwiseLossBackward(3, x, y, 0.75f, 0.3f, out, count, adds),
    0.3f * fmax(-0.75, fmin((double)x[i] - y[i], 0.75)));
#undef EXPECT
  memcpy(out, x, count * sizeof *out);
  kernels->clip(out, 0.5f, count);
  for (size_t i = 0; i < count; i++) compare("clip", out[i], fmin(fmax(x[i], -0.5), 0.5));
  free(x), free(y), free(before), free(out);
}

// A table of 5 rows, apart from each other; index −1 reads 0, and row 3 is named twice.
static void checkLookups(size_t columns, int adds) {
  enum { ROWS = 5, READS = 6 };
  size_t stride = columns + 3;
  int32_t indices[READS] = {4, 0, -1, 3, 3, 1};
  float *table = numbers((ROWS - 1) * stride + columns, 1), *out = numbers(READS * columns, 1);
  float *before = numbers(READS * columns, 1);
  memcpy(out, before, READS * columns * sizeof *out);
  kernels->gather(table, stride, indices, READS, out, columns, columns, adds);
  for (size_t r = 0; r < READS; r++)
    for (size_t i = 0; i < columns; i++) {
      double row = indices[r] < 0 ? 0 : (double)table[(size_t)indices[r] * stride + i];
      compare("gather", out[r * columns + i], row + (adds ? (double)before[r * columns + i] : 0));
    }
  // Rows 0, 1, 3, 4 with the places that read them.
  int32_t rows[] = {0, 1, 3, 4}, starts[] = {0, 1, 2, 4, 5}, positions[] = {1, 5, 3, 4, 0};
  float *sums = numbers((ROWS - 1) * stride + columns, 1);
  memcpy(sums, table, ((ROWS - 1) * stride + columns) * sizeof *sums);
  kernels->scatterAdd(before, columns, rows, starts, positions, (CPURange){0, 4}, sums, stride, columns);
  for (size_t p = 0; p < 4; p++)
    for (size_t i = 0; i < columns; i++) {
      double sum = table[(size_t)rows[p] * stride + i];
      for (int32_t q = starts[p]; q < starts[p + 1]; q++) sum += before[(size_t)positions[q] * columns + i];
      compare("scatter", sums[(size_t)rows[p] * stride + i], sum);
    }
  free(table), free(out), free(before), free(sums);
}

// Words of many counters are those of each; a mask may start within a counter's four words.
static void checkRandom(size_t count, int adds) {
  uint64_t first = 0xFFFFFFFFFFull - 5, seed = 0xFEDCBA9876543210ull, step = 0x1FFFFFFFFull;
  uint32_t *words = malloc(4 * count * sizeof *words), one[4];
  kernels->philox(words, count, first, seed, 7, step);
  for (size_t i = 0; i < count; i++) {
    kernels->philox(one, 1, first + i, seed, 7, step);
    compare("philox", memcmp(one, words + 4 * i, sizeof one) == 0, 1);
  }
  float *x = numbers(count, 1), *before = numbers(count, 1), *out = numbers(count, 1);
  for (uint64_t start = 4 * first; start < 4 * first + 4; start++) {
    memcpy(out, before, count * sizeof *out);
    kernels->dropout(x, out, count, adds, start, seed, 7, step, 0x60000000, 1.5f);
    for (size_t i = 0; i < count; i++) {
      kernels->philox(one, 1, (start + i) / 4, seed, 7, step);
      double kept = one[(start + i) % 4] < 0x60000000 ? 0 : 1.5 * x[i];
      compare("dropout", out[i], kept + (adds ? (double)before[i] : 0));
    }
  }
  free(words), free(x), free(before), free(out);
}

void checkOperations(void) {
  uint32_t words[4];
  kernels->philox(words, 1, 0, 0, 0, 0);
  compare("philox", words[0] == 0x6627e8d5 && words[3] == 0x9b00dbd8, 1);
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
    for (int adds = 0; adds < 2; adds++) {
      checkElements(counts[c], adds);
      checkLookups(counts[c], adds);
      checkRandom(counts[c], adds);
    }
}
