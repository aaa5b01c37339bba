// Softmax along a row, with or without a mask, and the sum of exponentials that losses share.

// The largest element of a vector; NaN if one is NaN.
INLINE float NAME(largest)(vec v) {
  float result = v[0];
  for (size_t j = 1; j < WIDTH; j++)
    if (v[j] > result || v[j] != v[j]) result = v[j];
  return result;
}

// The largest element whose mask is not 0; −∞ if there is none.
INLINE float NAME(maximum)(const float *x, const float *mask, size_t count) {
  vec largest = -__builtin_inff();
  EACH_VECTOR(i, n, count) {
    vec v = NAME(load)(x + i, n);
    for (size_t j = 0; j < WIDTH && (mask || n < WIDTH); j++)
      if (j >= n || (mask && mask[i + j] == 0)) v[j] = -__builtin_inff();
    largest = NAME(larger)(v, largest);
  }
  return NAME(largest)(largest);
}

static void NAME(softmax)(const float *x, const float *mask, float *out, size_t count) {
  float largest = NAME(maximum)(x, mask, count);
  vec sums = 0;
  EACH_VECTOR(i, n, count) {
    vec e = NAME(exp)(NAME(load)(x + i, n) - largest);
    for (size_t j = 0; j < WIDTH && (mask || n < WIDTH); j++)
      if (j >= n || (mask && mask[i + j] == 0)) e[j] = 0;
    NAME(store)(out + i, e, n);
    sums += e;
  }
  float sum = NAME(total)(sums), factor = sum == 0 ? 0 : 1 / sum;
  EACH_VECTOR(i, n, count) NAME(store)(out + i, NAME(load)(out + i, n) * factor, n);
}

static void NAME(softmaxBackward)(const float *y, const float *dy, float *out, size_t count, int adds) {
  vec sums = 0;
  EACH_VECTOR(i, n, count) sums += NAME(load)(y + i, n) * NAME(load)(dy + i, n);
  float sum = NAME(total)(sums);
  EACH_VECTOR(i, n, count) NAME(put)(out + i, NAME(load)(y + i, n) * (NAME(load)(dy + i, n) - sum), n, adds);
}

static float NAME(logSum)(const float *x, size_t count) {
  float largest = NAME(maximum)(x, NULL, count);
  vec sums = 0;
  EACH_VECTOR(i, n, count) {
    vec e = NAME(exp)(NAME(load)(x + i, n) - largest);
    for (size_t j = n; j < WIDTH; j++) e[j] = 0;
    sums += e;
  }
  return largest + logf(NAME(total)(sums));
}
