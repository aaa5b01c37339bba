// Softmax along rows, a work-group for each row; see row.cl. Dimensions: lanes, rows.

// Masked columns get 0, and so does a row with no column left.
kernel void softmax(INPUT(x), INDICES(mask), OUTPUT(y), int columns, int masked) {
  GROUP_MEMORY;
  int row = get_global_id(1);
  const global float *values = ROW(x, row);
  global float *results = ROW(y, row);
  const global int *keeps = mask + maskStart + (masked ? (long)row * columns : 0);
  floatv maxima = -INFINITY, sums = 0;
  EACH_VECTOR(c, count, 0, columns) {
    floatv value = loadPart(values + c, count, -INFINITY);
    if (masked) value = loadPart(keeps + c, count) != 0 ? value : (floatv)(-INFINITY);
    maxima = LARGER(maxima, value);
  }
  float maximum = ROW_MAXIMUM(maxima);
  EACH_VECTOR(c, count, 0, columns) {
    floatv e = expNegative(loadPart(values + c, count, -INFINITY) - maximum);
    if (masked) e = loadPart(keeps + c, count) != 0 ? e : (floatv)(0.0f);
    storePart(e, results + c, count);
    sums += e;
  }
  float sum = ROW_SUM(sums), factor = sum == 0 ? 0 : 1 / sum;
  EACH_VECTOR(c, count, 0, columns) storePart(loadPart(results + c, count) * factor, results + c, count);
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
