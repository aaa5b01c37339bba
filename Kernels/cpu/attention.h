// Additive attention: the scores Σ v · tanh(query + key) over units, and their gradients.

// The scores of one query with `count` keys.
static void NAME(additiveScores)(
  const float *query, const float *keys, size_t stride, size_t count, const float *v, float *scores, size_t units) {
  for (size_t k = 0; k < count; k++) {
    vec sums = 0;
    EACH_VECTOR(i, n, units)
      sums += NAME(load)(v + i, n) * NAME(tanh)(NAME(load)(query + i, n) + NAME(load)(keys + k * stride + i, n));
    scores[k] = NAME(total)(sums);
  }
}

// The gradient of one operand, a query or a key: `out (+)= v · Σ d[j] · (1 − tanh²)` over its partners, `others`; and
// `parts`, its contribution to v's: `Σ d[j] · tanh`. Either may be NULL.
static void NAME(additiveSlopes)(
  const float *own, const float *others, size_t stride, const float *d, size_t dStride, size_t count, const float *v,
  float *out, int adds, float *parts, size_t units) {
  EACH_VECTOR(i, n, units) {
    vec x = NAME(load)(own + i, n), slopes = 0, values = 0;
    for (size_t j = 0; j < count; j++) {
      float factor = d[j * dStride];
      if (factor == 0) continue;
      vec t = NAME(tanh)(x + NAME(load)(others + j * stride + i, n));
      slopes += factor * (1.0f - t * t);
      values += factor * t;
    }
    if (out) NAME(put)(out + i, NAME(load)(v + i, n) * slopes, n, adds);
    if (parts) NAME(store)(parts + i, values, n);
  }
}
