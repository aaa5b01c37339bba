// Layer norm along rows (Ba et al. 2016), a work-item for each row; statistics [R, 2] keep the mean and 1 / √(variance + ε).

kernel void layerNorm(INPUT(x), INPUT(gain), INPUT(bias), OUTPUT(y), OUTPUT(statistics), int columns, float epsilon,
                      int hasGain, int hasBias) {
  int row = get_global_id(0);
  const global float *values = ROW(x, row);
  float mean = 0, variance = 0;
  for (int c = 0; c < columns; c++) mean += values[c];
  mean /= columns;
  for (int c = 0; c < columns; c++) variance += (values[c] - mean) * (values[c] - mean);
  float inverse = 1 / sqrt(variance / columns + epsilon);
  for (int c = 0; c < columns; c++) {
    float value = (values[c] - mean) * inverse;
    if (hasGain) value *= gain[gainStart + c];
    if (hasBias) value += bias[biasStart + c];
    ROW(y, row)[c] = value;
  }
  ROW(statistics, row)[0] = mean;
  ROW(statistics, row)[1] = inverse;
}

// With x̂ the normalised row and g = gain · dy: dx = inverse · (g − mean(g) − x̂ · mean(g · x̂)).
kernel void layerNormBackward(INPUT(x), INPUT(gain), INPUT(statistics), INPUT(dy), OUTPUT(dx), int columns, int hasGain,
                              int adds) {
  int row = get_global_id(0);
  const global float *values = ROW(x, row), *gradients = ROW(dy, row);
  float mean = ROW(statistics, row)[0], inverse = ROW(statistics, row)[1], sum = 0, products = 0;
  for (int c = 0; c < columns; c++) {
    float g = gradients[c] * (hasGain ? gain[gainStart + c] : 1);
    sum += g;
    products += g * (values[c] - mean) * inverse;
  }
  sum /= columns;
  products /= columns;
  for (int c = 0; c < columns; c++) {
    float g = gradients[c] * (hasGain ? gain[gainStart + c] : 1);
    PUT(&ROW(dx, row)[c], inverse * (g - sum - (values[c] - mean) * inverse * products), adds);
  }
}

// dGain = Σ dy · x̂ and dBias = Σ dy over a block of rows, a work-item for each column of a block: [R, C] → [blocks, C] each.
// Dimensions: columns, blocks.
kernel void layerNormParameters(INPUT(x), INPUT(statistics), INPUT(dy), OUTPUT(dGain), OUTPUT(dBias), int rows,
                                int columns, int block) {
  int column = get_global_id(0), from = get_global_id(1) * block, to = min(from + block, rows);
  if (column >= columns) return;
  float gainSum = 0, biasSum = 0;
  for (int row = from; row < to; row++) {
    float gradient = ROW(dy, row)[column];
    gainSum += gradient * (ROW(x, row)[column] - ROW(statistics, row)[0]) * ROW(statistics, row)[1];
    biasSum += gradient;
  }
  ROW(dGain, get_global_id(1))[column] = gainSum;
  ROW(dBias, get_global_id(1))[column] = biasSum;
}
