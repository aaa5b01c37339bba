// A linear-chain CRF: the forward algorithm and the gradient.
//
// Per step and row, `alphas` has two rows with one value per tag:
//   arriving[j] = log Σᵢ e^(leaving'[i] + transitions[i, j]), leaving' of the previous step; at the first step start[j]
//   leaving[j]  = arriving[j] + emissions[j], minus the largest of them, so that nothing grows with time
// The fraction of the previous tag i in arriving[j] is e^(leaving'[i] + transitions[i, j] − arriving[j]), and the
// likelihoods of a step's tags follow from those of the next step by these fractions.
//
// A work-group goes through all steps of its row, see row.cl, in dimensions of lanes and rows.

#define CONVERT JOIN(convert_float, WIDTH)
#define LENGTH(row) (bounded ? lengths[lengthsStart + (row)] : steps)

// The indices 0, 1, 2 … of a vector's elements.
constant int elements[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// log x for x ≥ 1, by exponent and 2 · artanh((m − 1) / (m + 1)): the built-in function is called per lane on some CPU
// drivers. NaN if x is.
static inline floatv logOfSum(floatv x) {
#ifdef SIMT
  return log(x);
#else
  intv shifted = AS_INTV(x) - 0x3f3504f3;
  floatv n = CONVERT(shifted >> 23);
  floatv m = AS_FLOATV((shifted & 0x7fffff) + 0x3f3504f3);
  floatv s = (m - 1.0f) / (m + 1.0f), z = s * s;
  floatv sum = fma(z, fma(z, fma(z, (floatv)(1.0f / 9), (floatv)(1.0f / 7)), (floatv)(1.0f / 5)), (floatv)(1.0f / 3));
  return fma(n, (floatv)(0x1.62e4p-1f), fma(n, (floatv)(0x1.7f7d1cp-20f), 2 * fma(s * z, sum, s))) + (x - x);
#endif
}

// `arriving` of a vector of tags; `column` is their first column of transitions.
static inline floatv arrive(const global float *leaving, const global float *column, long stride, int count, int tags) {
  floatv largest = -INFINITY, sum = 0;
  for (int i = 0; i < tags; i++) {
    floatv score = leaving[i] + loadPart(column + i * stride, count);
    largest = LARGER(largest, score);
  }
  floatv shift = largest == (floatv)(-INFINITY) ? (floatv)(0.0f) : largest;
  for (int i = 0; i < tags; i++) sum += expNegative(leaving[i] + loadPart(column + i * stride, count) - shift);
  return largest + logOfSum(sum);
}

// The likelihoods of a previous tag paired with each of a vector of next tags, whose likelihoods are `after`.
static inline floatv pairs(float leaving, floatv weights, const global float *arriving, const global float *after,
                           int count) {
  floatv likelihoods = loadPart(after, count);
  floatv pair = expNegative(leaving + weights - loadPart(arriving, count)) * likelihoods;
  return likelihoods == (floatv)(0.0f) ? (floatv)(0.0f) : pair;  // where nothing arrives, the share is no number
}

// The losses: each step adds the largest score less that of the row's own tags.
kernel void crf(INPUT(emissions), INDICES(tags), INDICES(lengths), INPUT(transitions), INPUT(start), INPUT(end),
                OUTPUT(losses), OUTPUT(alphas), int rows, int steps, int tagCount, int bounded) {
  GROUP_MEMORY;
  int row = get_global_id(1), length = LENGTH(row), before = 0;
  // A compensated sum (Kahan 1965), since there may be thousands of steps.
  float loss = 0, lost = 0;
  for (int t = 0; t < length; t++) {
    long place = (long)t * rows + row;
    const global float *scores = ROW(emissions, place);
    global float *arriving = ROW(alphas, place), *leaving = arriving + tagCount;
    floatv maxima = -INFINITY;
    EACH_VECTOR(c, count, 0, tagCount) {
      floatv sum = t == 0 ? loadPart(ROW(start, 0) + c, count)
                          : arrive(ROW(alphas, place - rows) + tagCount, ROW(transitions, 0) + c, transitionsStride,
                                   count, tagCount);
      floatv score = sum + loadPart(scores + c, count, -INFINITY);
      storePart(sum, arriving + c, count);
      maxima = LARGER(maxima, score);
    }
    float largest = ROW_MAXIMUM(maxima);
    EACH_VECTOR(c, count, 0, tagCount)
      storePart(loadPart(arriving + c, count) + loadPart(scores + c, count) - largest, leaving + c, count);
    GROUP_BARRIER;
    int tag = tags[tagsStart + place];
    float step = t == 0 ? ROW(start, 0)[tag] : ROW(transitions, before)[tag];
    float term = largest - (step + scores[tag]) - lost, sum = loss + term;
    lost = (sum - loss) - term;
    loss = sum;
    before = tag;
  }
  if (length > 0) {
    const global float *leaving = ROW(alphas, (long)(length - 1) * rows + row) + tagCount, *ending = ROW(end, 0);
    floatv maxima = -INFINITY, sums = 0;
    EACH_VECTOR(c, count, 0, tagCount) {
      floatv score = loadPart(leaving + c, count, -INFINITY) + loadPart(ending + c, count);
      maxima = LARGER(maxima, score);
    }
    float largest = ROW_MAXIMUM(maxima);
    EACH_VECTOR(c, count, 0, tagCount)
      sums += expNegative(loadPart(leaving + c, count, -INFINITY) + loadPart(ending + c, count) - largest);
    loss += (largest - ending[before]) + log(ROW_SUM(sums));
  }
  if (LANE == 0) ROW(losses, row)[0] = loss;
}

// The marginals of all tags, and the gradients of the emissions and, in rows of `edges`, of start and end: two per row.
kernel void crfMarginals(INDICES(tags), INDICES(lengths), INPUT(transitions), INPUT(end), INPUT(alphas), INPUT(upstream),
                         OUTPUT(dx), OUTPUT(edges), OUTPUT(marginals), int rows, int steps, int tagCount, int bounded,
                         int wanted, int adds) {
  GROUP_MEMORY;
  int row = get_global_id(1), length = LENGTH(row);
  float factor = ROW(upstream, row)[0];
  EACH_VECTOR(c, count, 0, tagCount) {
    for (int t = length; t < steps && wanted && !adds; t++) storePart((floatv)(0.0f), ROW(dx, (long)t * rows + row) + c, count);
    for (int edge = 0; edge < 2 && length == 0; edge++) storePart((floatv)(0.0f), ROW(edges, edge * rows + row) + c, count);
  }
  for (int t = length - 1; t >= 0; t--) {
    long place = (long)t * rows + row;
    const global float *leaving = ROW(alphas, place) + tagCount;
    global float *likelihoods = ROW(marginals, place);
    float sum = 0;
    if (t == length - 1) {
      floatv maxima = -INFINITY, sums = 0;
      EACH_VECTOR(c, count, 0, tagCount) {
        floatv score = loadPart(leaving + c, count, -INFINITY) + loadPart(ROW(end, 0) + c, count);
        maxima = LARGER(maxima, score);
      }
      float largest = ROW_MAXIMUM(maxima);
      EACH_VECTOR(c, count, 0, tagCount) {
        floatv score = loadPart(leaving + c, count, -INFINITY) + loadPart(ROW(end, 0) + c, count);
        floatv e = expNegative(score - largest);
        storePart(e, likelihoods + c, count);
        sums += e;
      }
      sum = ROW_SUM(sums);
    } else {
      const global float *arriving = ROW(alphas, place + rows), *after = ROW(marginals, place + rows);
      for (int i = LANE; i < tagCount; i += LANES) {
        floatv sums = 0;
        for (int j = 0; j < tagCount; j += WIDTH) {
          floatv weights = loadPart(ROW(transitions, i) + j, tagCount - j);
          sums += pairs(leaving[i], weights, arriving + j, after + j, tagCount - j);
        }
        likelihoods[i] = sumOf(sums);
        sum += likelihoods[i];
      }
      sum = ROW_SUM(sum);
    }
    // Their sum is 1 except for rounding, which must not accumulate over time.
    EACH_VECTOR(c, count, 0, tagCount) {
      floatv likelihood = loadPart(likelihoods + c, count) / sum;
      floatv gradient = VLOAD(elements) + c == tags[tagsStart + place] ? likelihood - 1 : likelihood;
      gradient *= factor;
      storePart(likelihood, likelihoods + c, count);
      if (wanted) putPart(gradient, ROW(dx, place) + c, count, adds);
      if (t == 0) storePart(gradient, ROW(edges, row) + c, count);
      if (t == length - 1) storePart(gradient, ROW(edges, rows + row) + c, count);
    }
    GROUP_BARRIER;
  }
}

// The gradients of transitions, in blocks of `block` pairs of steps: a work-item for each [block, previous tag, vector
// of next tags], a row of `sums` per block. Dimensions: vectors of next tags, previous tags, blocks.
kernel void crfTransitions(INDICES(tags), INDICES(lengths), INPUT(transitions), INPUT(alphas), INPUT(marginals),
                           INPUT(upstream), OUTPUT(sums), int rows, int steps, int tagCount, int block, int bounded) {
  int column = get_global_id(0) * WIDTH, count = tagCount - column, from = get_global_id(1), part = get_global_id(2);
  if (column >= tagCount) return;
  int first = rows + part * block, end = min(first + block, rows * steps), row = first % rows, t = first / rows;
  // Blocks of 64 pairs are summed first, then the blocks: so errors grow with the square roots of both counts.
  floatv weights = loadPart(ROW(transitions, from) + column, count), sum = 0, recent = 0;
  for (int place = first; place < end; place++) {
    if (t < LENGTH(row)) {
      float leaving = ROW(alphas, place - rows)[tagCount + from];
      floatv pair = pairs(leaving, weights, ROW(alphas, place) + column, ROW(marginals, place) + column, count);
      if (tags[tagsStart + place - rows] == from)
        pair = VLOAD(elements) + column == tags[tagsStart + place] ? pair - 1 : pair;
      recent += ROW(upstream, row)[0] * pair;
    }
    if ((place - first) % 64 == 63) {
      sum += recent;
      recent = 0;
    }
    if (++row == rows) {
      row = 0;
      t++;
    }
  }
  storePart(sum + recent, ROW(sums, part) + (long)from * tagCount + column, count);
}
