// Layer norm along rows (Ba et al. 2016), a work-group for each row, see row.cl; statistics [R, 2] keep the mean and
// 1 / √(variance + ε). Dimensions: lanes, rows.

kernel void layerNorm(INPUT(x), INPUT(gain), INPUT(bias), OUTPUT(y), OUTPUT(statistics), int columns, float epsilon,
                      int hasGain, int hasBias) {
  GROUP_MEMORY;
  int row = get_global_id(1);
  const global float *values = ROW(x, row);
  global float *results = ROW(y, row);
  floatv sums = 0, squares = 0;
  EACH_VECTOR(c, count, 0, columns) sums += loadPart(values + c, count);
  float mean = ROW_SUM(sums) / columns;
  EACH_VECTOR(c, count, 0, columns) {
    floatv difference = loadPart(values + c, count, mean) - mean;
    squares += difference * difference;
  }
  float inverse = 1 / sqrt(ROW_SUM(squares) / columns + epsilon);
  EACH_VECTOR(c, count, 0, columns) {
    floatv value = (loadPart(values + c, count) - mean) * inverse;
    if (hasGain) value *= loadPart(gain + gainStart + c, count);
    if (hasBias) value += loadPart(bias + biasStart + c, count);
    storePart(value, results + c, count);
  }
  if (LANE > 0) return;
  ROW(statistics, row)[0] = mean;
  ROW(statistics, row)[1] = inverse;
}

// With x̂ the normalised row and g = gain · dy: dx = inverse · (g − mean(g) − x̂ · mean(g · x̂)).
kernel void layerNormBackward(INPUT(x), INPUT(gain), INPUT(statistics), INPUT(dy), OUTPUT(dx), int columns, int hasGain,
                              int adds) {
  GROUP_MEMORY;
  int row = get_global_id(1);
  const global float *values = ROW(x, row), *gradients = ROW(dy, row), *gains = gain + gainStart;
  global float *results = ROW(dx, row);
  float mean = ROW(statistics, row)[0], inverse = ROW(statistics, row)[1];
  floatv sums = 0, products = 0;
  EACH_VECTOR(c, count, 0, columns) {
    floatv g = loadPart(gradients + c, count);
    if (hasGain) g *= loadPart(gains + c, count);
    sums += g;
    products += g * (loadPart(values + c, count) - mean) * inverse;
  }
  float sum = ROW_SUM(sums) / columns, product = ROW_SUM(products) / columns;
  EACH_VECTOR(c, count, 0, columns) {
    floatv g = loadPart(gradients + c, count);
    if (hasGain) g *= loadPart(gains + c, count);
    floatv value = inverse * (g - sum - (loadPart(values + c, count) - mean) * inverse * product);
    putPart(value, results + c, count, adds);
  }
}

// dGain = Σ dy · x̂ and dBias = Σ dy over a block of rows, one work-item per vector of columns: [R, C] → [blocks, C]
// each. Dimensions: vectors of columns, blocks.
kernel void layerNormParameters(INPUT(x), INPUT(statistics), INPUT(dy), OUTPUT(dGain), OUTPUT(dBias), int rows,
                                int columns, int block) {
  GROUP_MEMORY;
  int column = VECTOR_COLUMN, count = columns - column, place = ROW_BLOCK, from = place * block;
  floatv gainSum = 0, biasSum = 0;
  EACH_ROW(row, from, min(from + block, rows)) {
    floatv gradient = loadPart(ROW(dy, row) + column, count);
    gainSum += gradient * (loadPart(ROW(x, row) + column, count) - ROW(statistics, row)[0]) * ROW(statistics, row)[1];
    biasSum += gradient;
  }
  gainSum = BLOCK_SUM(gainSum);
  biasSum = BLOCK_SUM(biasSum);
  if (BLOCK_LANE > 0) return;
  storePart(gainSum, ROW(dGain, place) + column, count);
  storePart(biasSum, ROW(dBias, place) + column, count);
}
