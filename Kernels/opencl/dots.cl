// Products of few rows, as dot products.

#define DOTS 4  // columns of a work-item of matmulDots

// For few rows, where packing B would cost more than it saves: element [i, j] is the dot product of row i of A and row
// j of B, stored at i · rowStep + j · columnStep of C. Dimensions: blocks of DOTS columns, batch.
kernel void matmulDots(INPUT(a), long aBatch, INPUT(b), long bBatch, global float *c, long cStart, long rowStep,
                       long columnStep, long cBatch, int m, int n, int depth, float scale, int adds) {
  int column = get_global_id(0) * DOTS, whole = depth - depth % WIDTH;
  long batch = get_global_id(1);
  const global float *rows[DOTS];
  for (int j = 0; j < DOTS; j++) rows[j] = ROW(b, min(column + j, n - 1)) + batch * bBatch;
  for (int i = 0; i < m; i++) {
    const global float *left = ROW(a, i) + batch * aBatch;
    floatv sums[DOTS];
    _Pragma("unroll") for (int j = 0; j < DOTS; j++) sums[j] = 0;
    for (int k = 0; k < whole; k += WIDTH) {
      floatv value = VLOAD(left + k);
      _Pragma("unroll") for (int j = 0; j < DOTS; j++) sums[j] = fma(value, VLOAD(rows[j] + k), sums[j]);
    }
    for (int j = 0; j < DOTS && column + j < n; j++) {
      float sum = sumOf(sums[j]);
      for (int k = whole; k < depth; k++) sum = fma(left[k], rows[j][k], sum);
      PUT(&c[cStart + batch * cBatch + i * rowStep + (column + j) * columnStep], sum * scale, adds);
    }
  }
}
