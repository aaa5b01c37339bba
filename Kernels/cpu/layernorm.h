// Layer normalization along a row: (x − mean) / √(variance + ε), with the biased variance, computed from the
// differences.

static void NAME(layerNorm)(
  const float *x, const float *gain, const float *bias, float epsilon, float *out, float *statistics, size_t count) {
  vec sums = 0;
  EACH_VECTOR(i, n, count) sums += NAME(load)(x + i, n);
  float mean = NAME(total)(sums) / (float)count;
  vec squares = 0;
  EACH_VECTOR(i, n, count) {
    vec difference = NAME(load)(x + i, n) - mean;
    for (size_t j = n; j < WIDTH; j++) difference[j] = 0;
    squares += difference * difference;
  }
  float inverse = 1 / sqrtf(NAME(total)(squares) / (float)count + epsilon);
  EACH_VECTOR(i, n, count) {
    vec y = (NAME(load)(x + i, n) - mean) * inverse;
    if (gain) y *= NAME(load)(gain + i, n);
    if (bias) y += NAME(load)(bias + i, n);
    NAME(store)(out + i, y, n);
  }
  statistics[0] = mean;
  statistics[1] = inverse;
}

// With g = gain ⊙ dy and y the normalised row: dx = (g − mean g − y · mean(g ⊙ y)) / σ.
static void NAME(layerNormBackward)(
  const float *x, const float *gain, const float *statistics, const float *dy, float *out, size_t count, int adds) {
  float mean = statistics[0], inverse = statistics[1];
  vec sums = 0, products = 0;
  EACH_VECTOR(i, n, count) {
    vec g = NAME(load)(dy + i, n);
    if (gain) g *= NAME(load)(gain + i, n);
    sums += g;
    products += g * ((NAME(load)(x + i, n) - mean) * inverse);
  }
  float meanG = NAME(total)(sums) / (float)count, meanGY = NAME(total)(products) / (float)count;
  EACH_VECTOR(i, n, count) {
    vec g = NAME(load)(dy + i, n);
    if (gain) g *= NAME(load)(gain + i, n);
    vec y = (NAME(load)(x + i, n) - mean) * inverse;
    NAME(put)(out + i, (g - meanG - y * meanGY) * inverse, n, adds);
  }
}

static void NAME(layerNormGain)(
  const float *x, size_t xStride, const float *statistics, size_t statisticsStride, const float *dy, size_t dyStride,
  size_t rows, float *out, size_t columns, int adds) {
  EACH_VECTOR(i, n, columns) {
    vec sum = 0;
    for (size_t r = 0; r < rows; r++) {
      const float *row = statistics + r * statisticsStride;
      sum += NAME(load)(dy + r * dyStride + i, n) * ((NAME(load)(x + r * xStride + i, n) - row[0]) * row[1]);
    }
    NAME(put)(out + i, sum, n, adds);
  }
}
