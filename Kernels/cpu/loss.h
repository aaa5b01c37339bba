// Losses of a row: cross-entropy of logits, and elementwise losses by the raw values of `ElementwiseLoss.Function`:
// squared error, binary cross-entropy of logits, absolute error, Huber's.

static void NAME(crossEntropyBackward)(
  const float *logits, float logSum, int32_t target, float factor, float smoothing, float *out, size_t count, int adds) {
  float share = smoothing / (float)count;
  EACH_VECTOR(i, n, count)
    NAME(put)(out + i, (NAME(exp)(NAME(load)(logits + i, n) - logSum) - share) * factor, n, adds);
  float own = factor * (1 - smoothing);
  if (target >= 0 && (size_t)target < count) out[target] -= own;
}

static float NAME(elementwiseLoss)(
  int32_t loss, const float *prediction, const float *target, float delta, size_t count) {
  if (loss != 1) {
    vec sums = 0;
    EACH_VECTOR(i, n, count) {
      vec difference = NAME(load)(prediction + i, n) - NAME(load)(target + i, n);
      vec distance = difference < 0 ? -difference : difference, square = distance < delta ? distance : (vec)delta;
      sums += loss == 0 ? difference * difference : loss == 2 ? distance : square * (distance - 0.5f * square);
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

INLINE vec NAME(lossSlope)(int32_t loss, vec x, vec target, float delta) {
  vec difference = x - target;
  if (loss == 0) return 2.0f * difference;
  if (loss == 1) return NAME(sigmoid)(x) - target;
  if (loss == 2) return difference > 0 ? (vec)1.0f : difference < 0 ? (vec)-1.0f : difference;
  return difference > delta ? (vec)delta : difference < -delta ? (vec)-delta : difference;
}

static void NAME(elementwiseLossBackward)(
  int32_t loss, const float *prediction, const float *target, float delta, float factor, float *out, size_t count,
  int adds) {
  EACH_VECTOR(i, n, count) {
    vec slope = NAME(lossSlope)(loss, NAME(load)(prediction + i, n), NAME(load)(target + i, n), delta);
    NAME(put)(out + i, factor * slope, n, adds);
  }
}
