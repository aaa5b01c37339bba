// Softmax along rows, a work-group for each row; see row.cl. Dimensions: lanes, rows.

// Over the columns below the row's length whose mask is not 0; others are 0, as is a row without valid columns.
// `rowsPerLength` rows share one length; 0 without lengths.
kernel void softmax(INPUT(x), INPUT(mask), INDICES(lengths), OUTPUT(y), int columns, int masked, int rowsPerLength) {
  GROUP_MEMORY;
  int row = get_global_id(1);
  const global float *values = ROW(x, row);
  global float *results = ROW(y, row);
  const global float *keeps = ROW(mask, row);
  int kept = rowsPerLength > 0 ? clamp(lengths[lengthsStart + row / rowsPerLength], 0, columns) : columns;
  floatv maxima = -INFINITY, sums = 0;
  EACH_VECTOR(c, count, 0, kept) {
    floatv value = loadPart(values + c, count, -INFINITY);
    if (masked) value = loadPart(keeps + c, count) != 0 ? value : (floatv)(-INFINITY);
    maxima = LARGER(maxima, value);
  }
  float maximum = ROW_MAXIMUM(maxima);
  EACH_VECTOR(c, count, 0, kept) {
    floatv e = expNegative(loadPart(values + c, count, -INFINITY) - maximum);
    if (masked) e = loadPart(keeps + c, count) != 0 ? e : (floatv)(0.0f);
    storePart(e, results + c, count);
    sums += e;
  }
  float sum = ROW_SUM(sums), factor = sum == 0 ? 0 : 1 / sum;
  EACH_VECTOR(c, count, 0, kept) storePart(loadPart(results + c, count) * factor, results + c, count);
  EACH_VECTOR(c, count, kept, columns) storePart((floatv)(0.0f), results + c, count);
}

kernel void softmaxBackward(INPUT(y), INPUT(dy), OUTPUT(dx), int columns, int adds) {
  GROUP_MEMORY;
  int row = get_global_id(1);
  const global float *values = ROW(y, row), *gradients = ROW(dy, row);
  global float *results = ROW(dx, row);
  floatv sums = 0;
  EACH_VECTOR(c, count, 0, columns) sums += loadPart(values + c, count) * loadPart(gradients + c, count);
  float sum = ROW_SUM(sums);
  EACH_VECTOR(c, count, 0, columns) {
    floatv value = loadPart(values + c, count) * (loadPart(gradients + c, count) - sum);
    putPart(value, results + c, count, adds);
  }
}
