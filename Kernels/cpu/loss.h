// Losses of a row: cross-entropy out of logits, squared error, binary cross-entropy out of logits.

static void NAME(crossEntropyBackward)(
  const float *logits, float logSum, int32_t target, float factor, float smoothing, float *out, size_t count, int adds) {
  float share = smoothing / (float)count;
  EACH_VECTOR(i, n, count)
    NAME(put)(out + i, (NAME(exp)(NAME(load)(logits + i, n) - logSum) - share) * factor, n, adds);
  float own = factor * (1 - smoothing);
  if (target >= 0 && (size_t)target < count) out[target] -= own;
}

static float NAME(elementwiseLoss)(int32_t loss, const float *prediction, const float *target, size_t count) {
  if (loss == 0) {
    vec sums = 0;
    EACH_VECTOR(i, n, count) {
      vec difference = NAME(load)(prediction + i, n) - NAME(load)(target + i, n);
      sums += difference * difference;
    }
    return NAME(total)(sums);
  }
  float sum = 0;
  for (size_t i = 0; i < count; i++) {
    float x = prediction[i];
    sum += (x < 0 ? 0 : x) - x * target[i] + log1pf(expf(-fabsf(x)));
  }
  return sum;
}

static void NAME(elementwiseLossBackward)(
  int32_t loss, const float *prediction, const float *target, float factor, float *out, size_t count, int adds) {
  EACH_VECTOR(i, n, count) {
    vec x = NAME(load)(prediction + i, n), y = NAME(load)(target + i, n);
    NAME(put)(out + i, factor * (loss == 0 ? 2.0f * (x - y) : NAME(sigmoid)(x) - y), n, adds);
  }
}
