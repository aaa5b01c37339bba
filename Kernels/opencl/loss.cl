// Losses and their gradients: a work-group for each row, see row.cl, in dimensions of lanes and rows; or a work-item
// for each element or vector if nothing is summed. A row of weight 0 is ignored, whatever its values.

#define WEIGHT(row) (weighted ? ROW(weights, row)[0] : 1)

// weight · (log Σ exp(logits) − (1 − ε) · logits[target] − ε · mean(logits)) with label smoothing ε; the log-sum is
// saved. Rows with a negative target are ignored.
kernel void crossEntropy(INPUT(logits), INDICES(targets), INPUT(weights), OUTPUT(losses), OUTPUT(logSums), int columns,
                         int weighted, float smoothing) {
  GROUP_MEMORY;
  int row = get_global_id(1);
  const global float *values = ROW(logits, row);
  floatv maxima = -INFINITY, sums = 0;
  EACH_VECTOR(c, count, 0, columns) {
    floatv value = loadPart(values + c, count, -INFINITY);
    maxima = LARGER(maxima, value);
  }
  float maximum = ROW_MAXIMUM(maxima);
  EACH_VECTOR(c, count, 0, columns) sums += expNegative(loadPart(values + c, count, -INFINITY) - maximum);
  float sum = ROW_SUM(sums), mean = 0;
  if (smoothing > 0) {
    floatv totals = 0;
    EACH_VECTOR(c, count, 0, columns) totals += loadPart(values + c, count);
    mean = ROW_SUM(totals) / columns;
  }
  if (LANE > 0) return;
  int target = targets[targetsStart + row];
  float logSum = maximum + log(sum), weight = WEIGHT(row);
  ROW(logSums, row)[0] = logSum;
  float score = target < 0 ? 0 : values[target];
  if (smoothing > 0) score += smoothing * (mean - score);
  ROW(losses, row)[0] = target < 0 || weight == 0 ? 0 : (logSum - score) * weight;
}

// upstream · scale · weight · (softmax − (1 − ε) · [c = target] − ε / columns), a work-item per [row, vector of
// columns]. Vectors that contain the target, or are partial, are computed element by element.
kernel void crossEntropyBackward(INPUT(logits), INDICES(targets), INPUT(weights), INPUT(logSums), INPUT(upstream),
                                 OUTPUT(dx), int columns, int weighted, float smoothing, float scale,
                                 int adds) {
  int column = get_global_id(0) * WIDTH, row = get_global_id(1);
  if (column >= columns) return;
  int target = targets[targetsStart + row], place = target - column;
  float weight = WEIGHT(row), factor = upstream[upstreamStart] * scale * weight, logSum = ROW(logSums, row)[0];
  float share = smoothing / columns;
  const global float *from = ROW(logits, row) + column;
  global float *to = ROW(dx, row) + column;
  int counts = target >= 0 && weight != 0;
  if (column + WIDTH <= columns && (place < 0 || place >= WIDTH)) {
    floatv gradient = counts ? factor * (expNegative(VLOAD(from) - logSum) - share) : (floatv)(0.0f);
    VSTORE(adds ? VLOAD(to) + gradient : gradient, to);
  } else {
    for (int i = 0; i < WIDTH && column + i < columns; i++) {
      float gradient = factor * (expNegative(from[i] - logSum) - share - (i == place ? 1 - smoothing : 0));
      PUT(to + i, counts ? gradient : 0, adds);
    }
  }
}

// log(1 + e) for 0 ≤ e ≤ 1, as 2 · artanh(e / (2 + e)) by its series: the built-in log1p is called per lane on some CPU
// drivers.
static inline floatv logOnePlus(floatv e) {
  floatv s = e / (e + 2), z = s * s, sum = 1.0f / 17;
  sum = fma(sum, z, (floatv)(1.0f / 15));
  sum = fma(sum, z, (floatv)(1.0f / 13));
  sum = fma(sum, z, (floatv)(1.0f / 11));
  sum = fma(sum, z, (floatv)(1.0f / 9));
  sum = fma(sum, z, (floatv)(1.0f / 7));
  sum = fma(sum, z, (floatv)(1.0f / 5));
  sum = fma(sum, z, (floatv)(1.0f / 3));
  return 2 * fma(sum * z, s, s);
}

// By the raw values of `ElementwiseLoss.Function`, with d = x − t: d²; max(x, 0) − x·t + log(1 + exp(−|x|)); |d|; or
// Huber's: d²/2, beyond delta linear. Summed over the row.
kernel void elementwiseLoss(INPUT(x), INPUT(targets), INPUT(weights), OUTPUT(losses), int columns, int function,
                            float delta, int weighted) {
  GROUP_MEMORY;
  int row = get_global_id(1);
  const global float *values = ROW(x, row), *goals = ROW(targets, row);
  floatv sums = 0;
  EACH_VECTOR(c, count, 0, columns) {
    if (function != 1) {
      floatv difference = loadPart(values + c, count) - loadPart(goals + c, count), distance = fabs(difference);
      floatv square = distance < (floatv)(delta) ? distance : (floatv)(delta);
      sums += function == 0 ? difference * difference : function == 2 ? distance : square * (distance - 0.5f * square);
    } else {
      // For missing columns, e⁻¹⁰⁰ ≈ 0 is added.
      floatv value = loadPart(values + c, count, -100.0f);
      floatv larger = value < (floatv)(0.0f) ? (floatv)(0.0f) : value;
      sums += larger - value * loadPart(goals + c, count) + logOnePlus(expNegative(-fabs(value)));
    }
  }
  float sum = ROW_SUM(sums), weight = WEIGHT(row);
  if (LANE == 0) ROW(losses, row)[0] = weight == 0 ? 0 : sum * weight;
}

kernel void elementwiseLossBackward(INPUT(x), INPUT(targets), INPUT(weights), INPUT(upstream), OUTPUT(dx), int columns,
                                    int function, float delta, int weighted, float scale, int adds) {
  int column = get_global_id(0), row = get_global_id(1);
  if (column >= columns) return;
  float value = ROW(x, row)[column], target = ROW(targets, row)[column];
  float weight = WEIGHT(row), factor = upstream[upstreamStart] * scale * weight;
  float difference = value - target, slope;
  switch (function) {
    case 0: slope = 2 * difference; break;
    case 1: slope = sigmoid(value) - target; break;
    case 2: slope = difference > 0 ? 1 : difference < 0 ? -1 : difference; break;
    default: slope = difference > delta ? delta : difference < -delta ? -delta : difference;
  }
  PUT(&ROW(dx, row)[column], weight == 0 ? 0 : factor * slope, adds);
}
