// Sums, in an order that depends only on the count.

static float NAME(sum)(const float *x, size_t count, int squares) {
  vec sums[4] = {0};
  EACH_VECTOR(i, n, count) {
    vec v = NAME(load)(x + i, n);
    sums[i / WIDTH % 4] += squares ? v * v : v;
  }
  return NAME(total)((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

// Blocks of 64 rows are summed first, then the blocks: errors grow with the square roots of both counts, not of their
// product.
INLINE void NAME(sumRun)(
  const float *x, size_t stride, CPURuns rows, float *out, size_t vectors, size_t columns, int squares, float scale,
  int adds) {
  vec sums[RUN] = {0};
  for (size_t run = 0; run < rows.count; run++) {
    const float *first = x + run * rows.stride * stride;
    for (size_t r0 = 0; r0 < rows.length; r0 += 64) {
      vec block[RUN] = {0};
      for (size_t r = r0; r < rows.length && r < r0 + 64; r++)
        for (size_t j = 0; j < vectors; j++) {
          vec v = NAME(load)(first + r * stride + j * WIDTH, columns - j * WIDTH);
          block[j] += squares ? v * v : v;
        }
      for (size_t j = 0; j < vectors; j++) sums[j] += block[j];
    }
  }
  for (size_t j = 0; j < vectors; j++) NAME(put)(out + j * WIDTH, sums[j] * scale, columns - j * WIDTH, adds);
}

static void NAME(sumRows)(
  const float *x, size_t stride, CPURuns rows, float *out, size_t columns, int squares, float scale, int adds) {
#define SUM_RUN(i, vectors) NAME(sumRun)(x + i, stride, rows, out + i, vectors, vectors == 1 ? columns - i : vectors * WIDTH, squares, scale, adds)
  EACH_RUN(columns, SUM_RUN);
#undef SUM_RUN
}

// Ties go to the first; a NaN exceeds any number.
INLINE void NAME(maxRun)(
  const float *x, size_t stride, size_t rows, float *out, int32_t *steps, size_t vectors, size_t columns) {
  vec best[RUN] = {0};
  ivec step[RUN];
  for (size_t j = 0; j < vectors; j++) step[j] = -1;
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < vectors; j++) {
      vec v = NAME(load)(x + r * stride + j * WIDTH, columns - j * WIDTH);
      ivec wins = (v > best[j]) | ((v != v) & (best[j] == best[j])) | (step[j] < 0);
      best[j] = wins ? v : best[j];
      step[j] = wins ? (ivec)(int32_t)r : step[j];
    }
  for (size_t j = 0; j < vectors; j++) {
    size_t first = j * WIDTH, n = columns - first < WIDTH ? columns - first : WIDTH;
    NAME(store)(out + first, best[j], n);
    for (size_t lane = 0; lane < n; lane++) steps[first + lane] = step[j][lane];
  }
}

static void NAME(maxOverTime)(
  const float *x, size_t stride, size_t rows, float *out, int32_t *steps, size_t columns) {
#define MAX_RUN(i, vectors) NAME(maxRun)(x + i, stride, rows, out + i, steps + i, vectors, vectors == 1 ? columns - i : vectors * WIDTH)
  EACH_RUN(columns, MAX_RUN);
#undef MAX_RUN
}

static void NAME(maxOverTimeBackward)(
  const float *dy, const int32_t *steps, int32_t step, float *out, size_t columns, int adds) {
  EACH_VECTOR(i, n, columns) {
    vec gradient = NAME(load)(dy + i, n);
    for (size_t j = 0; j < n; j++) gradient[j] = steps[i + j] == step ? gradient[j] : 0;
    NAME(put)(out + i, gradient, n, adds);
  }
}

// v − v is 0 for finite numbers and NaN for others.
static int NAME(hasNonFinite)(const float *x, size_t count) {
  vec sums = 0;
  EACH_VECTOR(i, n, count) {
    vec v = NAME(load)(x + i, n);
    sums += v - v;
  }
  float sum = NAME(total)(sums);
  return sum != sum;
}
