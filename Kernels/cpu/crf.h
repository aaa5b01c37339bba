// A linear-chain CRF, a row of it: the forward algorithm and the gradient.
//
// Two rows are saved per step, with one value per tag:
//   arriving[j] = log Σᵢ e^(leaving'[i] + transitions[i, j]), leaving' of the previous step; at the first step start[j]
//   leaving[j]  = arriving[j] + emissions[j], minus the largest of them, so that nothing grows with time
// The fraction of the previous tag i in arriving[j] is e^(leaving'[i] + transitions[i, j] − arriving[j]), and the
// likelihoods of a step's tags follow from those of the next step by these fractions.

// `arriving` for the vector of tags from c on.
INLINE vec NAME(arriving)(const CPUChain *chain, const float *leaving, size_t c, size_t n) {
  const float *column = chain->transitions + c;
  vec largest = -__builtin_inff(), sum = 0;
  for (size_t i = 0; i < chain->tagCount; i++)
    largest = NAME(larger)(NAME(load)(column + i * chain->transitionsStride, n) + leaving[i], largest);
  vec shift = largest == -__builtin_inff() ? (vec)0.0f : largest;
  for (size_t i = 0; i < chain->tagCount; i++)
    sum += NAME(exp)(NAME(load)(column + i * chain->transitionsStride, n) + leaving[i] - shift);
  return largest + NAME(log)(sum);
}

// The saved rows of a step.
INLINE float *NAME(alphas)(const CPUChain *chain, size_t step) { return chain->alphas + step * chain->alphasStride; }

static float NAME(crf)(const CPUChain *chain) {
  size_t count = chain->tagCount, before = 0;
  double loss = 0;
  if (chain->length == 0) return 0;
  for (size_t t = 0; t < chain->length; t++) {
    const float *emissions = chain->emissions + t * chain->emissionsStride;
    float *arriving = NAME(alphas)(chain, t), *leaving = arriving + count;
    EACH_VECTOR(c, n, count) {
      vec sum = t == 0 ? NAME(load)(chain->start + c, n)
                       : NAME(arriving)(chain, NAME(alphas)(chain, t - 1) + count, c, n);
      NAME(store)(arriving + c, sum, n);
      NAME(store)(leaving + c, sum + NAME(load)(emissions + c, n), n);
    }
    float largest = NAME(maximum)(leaving, NULL, count);
    EACH_VECTOR(c, n, count) NAME(store)(leaving + c, NAME(load)(leaving + c, n) - largest, n);
    size_t tag = (size_t)chain->tags[t * chain->tagsStride];
    float step = t == 0 ? chain->start[tag] : chain->transitions[before * chain->transitionsStride + tag];
    loss += largest - (step + emissions[tag]);
    before = tag;
  }
  const float *leaving = NAME(alphas)(chain, chain->length - 1) + count;
  vec largest = -__builtin_inff(), sums = 0;
  EACH_VECTOR(c, n, count) {
    vec v = NAME(load)(leaving + c, n) + NAME(load)(chain->end + c, n);
    for (size_t j = n; j < WIDTH; j++) v[j] = -__builtin_inff();
    largest = NAME(larger)(v, largest);
  }
  float shift = NAME(largest)(largest);
  EACH_VECTOR(c, n, count) {
    vec e = NAME(exp)(NAME(load)(leaving + c, n) + NAME(load)(chain->end + c, n) - shift);
    for (size_t j = n; j < WIDTH; j++) e[j] = 0;
    sums += e;
  }
  return (float)(loss + (shift - chain->end[before]) + logf(NAME(total)(sums)));
}

// The likelihoods of the tags at the step before `t`, from those of step t. `factor` times those of pairs are added to
// `pairs`, one row per previous tag.
INLINE void NAME(before)(
  const CPUChain *chain, size_t t, const float *likelihoods, float *before, float factor, float *pairs) {
  size_t count = chain->tagCount;
  const float *leaving = NAME(alphas)(chain, t - 1) + count, *arriving = NAME(alphas)(chain, t);
  float sum = 0;
  for (size_t i = 0; i < count; i++) {
    const float *to = chain->transitions + i * chain->transitionsStride;
    vec sums = 0;
    EACH_VECTOR(j, n, count) {
      vec after = NAME(load)(likelihoods + j, n);
      vec pair = NAME(exp)(NAME(load)(to + j, n) + leaving[i] - NAME(load)(arriving + j, n)) * after;
      pair = after == 0 ? (vec)0.0f : pair;  // where nothing arrives, the share is no number
      sums += pair;
      NAME(put)(pairs + i * count + j, pair * factor, n, 1);
    }
    before[i] = NAME(total)(sums);
    sum += before[i];
  }
  // Their sum is 1 except for rounding, which must not accumulate over time.
  EACH_VECTOR(i, n, count) NAME(store)(before + i, NAME(load)(before + i, n) / sum, n);
}

// Adds the partial sums of pairs to `sums`, and clears them.
INLINE void NAME(flush)(float *pairs, float *sums, size_t count) {
  EACH_VECTOR(i, n, count) {
    NAME(put)(sums + i, NAME(load)(pairs + i, n), n, 1);
    NAME(store)(pairs + i, (vec)0.0f, n);
  }
}

static void NAME(crfBackward)(
  const CPUChain *chain, float factor, float *room, float *dEmissions, size_t stride, int adds, float *sums) {
  size_t count = chain->tagCount, length = chain->length;
  float *now = room, *next = now + count, *pairs = next + count, *dStart = sums + count * count, *dEnd = dStart + count;
  if (length == 0) return;
  memset(pairs, 0, count * count * sizeof *pairs);
  const float *leaving = NAME(alphas)(chain, length - 1) + count;
  EACH_VECTOR(c, n, count) NAME(store)(now + c, NAME(load)(leaving + c, n) + NAME(load)(chain->end + c, n), n);
  NAME(softmax)(now, NULL, now, count);
  for (size_t t = length; t-- > 0;) {
    size_t tag = (size_t)chain->tags[t * chain->tagsStride];
    float *row = dEmissions ? dEmissions + t * stride : NULL;
    EACH_VECTOR(c, n, count) {
      vec gradient = NAME(load)(now + c, n);
      if (tag >= c && tag < c + n) gradient[tag - c] -= 1;
      gradient *= factor;
      if (row) NAME(put)(row + c, gradient, n, adds);
      if (t == 0) NAME(put)(dStart + c, gradient, n, 1);
      if (t == length - 1) NAME(put)(dEnd + c, gradient, n, 1);
    }
    if (t == 0) break;
    NAME(before)(chain, t, now, next, factor, pairs);
    pairs[(size_t)chain->tags[(t - 1) * chain->tagsStride] * count + tag] -= factor;
    // Blocks of 64 steps are summed first, then the blocks: so errors grow with the square roots of both counts.
    if (t % 64 == 1) NAME(flush)(pairs, sums, count * count);
    float *other = now;
    now = next;
    next = other;
  }
}
