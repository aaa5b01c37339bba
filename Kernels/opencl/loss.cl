// Losses and their gradients, a work-item for each row, or for each element or vector where nothing is summed. A row of
// weight 0 counts nothing, whatever stands in it.

#define WEIGHT(row) (weighted ? ROW(weights, row)[0] : 1)

// weight · (log Σ exp(logits) − logits[target]); the log of the sum is saved. A negative target counts nothing.
kernel void crossEntropy(INPUT(logits), INDICES(targets), INPUT(weights), OUTPUT(losses), OUTPUT(logSums), int columns,
                         int weighted) {
  int row = get_global_id(0), target = targets[targetsStart + row];
  const global float *values = ROW(logits, row);
  floatv maxima = -INFINITY, sums = 0;
  int whole = columns - columns % WIDTH;
  for (int c = 0; c < whole; c += WIDTH) maxima = fmax(maxima, VLOAD(values + c));
  float maximum = maximumOf(maxima);
  for (int c = whole; c < columns; c++) maximum = fmax(maximum, values[c]);
  for (int c = 0; c < whole; c += WIDTH) sums += expNegative(VLOAD(values + c) - maximum);
  float sum = sumOf(sums);
  for (int c = whole; c < columns; c++) sum += expNegative(values[c] - maximum);
  float logSum = maximum + log(sum);
  ROW(logSums, row)[0] = logSum;
  float weight = WEIGHT(row);
  ROW(losses, row)[0] = target < 0 || weight == 0 ? 0 : (logSum - values[target]) * weight;
}

// upstream · scale · weight · (softmax − [c = target]), a work-item for each [row, vector of columns]. Where the target is
// among them, or columns are missing, one after the other.
kernel void crossEntropyBackward(INPUT(logits), INDICES(targets), INPUT(weights), INPUT(logSums), INPUT(upstream),
                                 OUTPUT(dx), int columns, int weighted, float scale, int adds) {
  int column = get_global_id(0) * WIDTH, row = get_global_id(1);
  if (column >= columns) return;
  int target = targets[targetsStart + row], place = target - column;
  float weight = WEIGHT(row), factor = upstream[upstreamStart] * scale * weight, logSum = ROW(logSums, row)[0];
  const global float *from = ROW(logits, row) + column;
  global float *to = ROW(dx, row) + column;
  int counts = target >= 0 && weight != 0;
  if (column + WIDTH <= columns && (place < 0 || place >= WIDTH)) {
    floatv gradient = counts ? factor * expNegative(VLOAD(from) - logSum) : (floatv)(0.0f);
    VSTORE(adds ? VLOAD(to) + gradient : gradient, to);
  } else {
    for (int i = 0; i < WIDTH && column + i < columns; i++) {
      float gradient = factor * (expNegative(from[i] - logSum) - (i == place ? 1 : 0));
      PUT(to + i, counts ? gradient : 0, adds);
    }
  }
}

// By `ElementwiseLoss.Function`'s numbers: (x − t)², or max(x, 0) − x·t + log(1 + exp(−|x|)), summed over the row.
kernel void elementwiseLoss(INPUT(x), INPUT(targets), INPUT(weights), OUTPUT(losses), int columns, int function,
                            int weighted) {
  int row = get_global_id(0);
  float sum = 0;
  for (int c = 0; c < columns; c++) {
    float value = ROW(x, row)[c], target = ROW(targets, row)[c], difference = value - target;
    sum += function == 0 ? difference * difference
                         : (value < 0 ? 0 : value) - value * target + log1p(expNegative(-fabs(value)));
  }
  float weight = WEIGHT(row);
  ROW(losses, row)[0] = weight == 0 ? 0 : sum * weight;
}

kernel void elementwiseLossBackward(INPUT(x), INPUT(targets), INPUT(weights), INPUT(upstream), OUTPUT(dx), int columns,
                                    int function, int weighted, float scale, int adds) {
  int column = get_global_id(0), row = get_global_id(1);
  if (column >= columns) return;
  float value = ROW(x, row)[column], target = ROW(targets, row)[column];
  float weight = WEIGHT(row), factor = upstream[upstreamStart] * scale * weight;
  float gradient = factor * (function == 0 ? 2 * (value - target) : sigmoid(value) - target);
  PUT(&ROW(dx, row)[column], weight == 0 ? 0 : gradient, adds);
}
