// Softmax along rows, a work-item for each row.

// Masked columns get 0, and so does a row with no column left.
kernel void softmax(INPUT(x), INDICES(mask), OUTPUT(y), int columns, int masked) {
  int row = get_global_id(0);
  const global float *values = ROW(x, row);
  global float *results = ROW(y, row);
  const global int *keeps = mask + maskStart + (masked ? (long)row * columns : 0);
  float maximum = -INFINITY, sum = 0;
  for (int c = 0; c < columns; c++)
    if (!masked || keeps[c]) maximum = fmax(maximum, values[c]);
  for (int c = 0; c < columns; c++) {
    float e = masked && !keeps[c] ? 0 : expNegative(values[c] - maximum);
    results[c] = e;
    sum += e;
  }
  float factor = sum == 0 ? 0 : 1 / sum;
  for (int c = 0; c < columns; c++) results[c] *= factor;
}

kernel void softmaxBackward(INPUT(y), INPUT(dy), OUTPUT(dx), int columns, int adds) {
  int row = get_global_id(0);
  const global float *values = ROW(y, row), *gradients = ROW(dy, row);
  global float *results = ROW(dx, row);
  float sum = 0;
  for (int c = 0; c < columns; c++) sum += values[c] * gradients[c];
  for (int c = 0; c < columns; c++) PUT(&results[c], values[c] * (gradients[c] - sum), adds);
}
