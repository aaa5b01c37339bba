// C = scale · op(A) · op(B), a tile for each work-item (wide) or work-group (SIMT, where A has few rows; warp.cl has the
// others); see tile.cl. Long sums are taken in blocks of SUM_BLOCK values of k, so that their rounding errors stay small.

#ifndef COLUMNS
#define COLUMNS 2  // vectors of a tile
#endif
#define SUM_BLOCK 256

PRODUCT(tileProduct, COLUMNS)

static inline void addTile(floatv (*total)[COLUMNS], floatv (*sum)[COLUMNS]) {
  ALL_ROWS ALL_VECTORS(COLUMNS) total[r][p] += sum[r][p];
}

// Stores a tile whose first element is `c`, with `rows` and `columns` left up to the end of C.
static inline void storeTile(floatv (*sum)[COLUMNS], global float *c, long stride, int rows, int columns, float scale,
                             int adds) {
  ALL_ROWS ALL_VECTORS(COLUMNS) {
    int count = columns - COLUMN(p), row = FIRST_ROW + r;
    global float *place = c + row * stride + COLUMN(p);
    if (row < rows && count > 0) putPart(sum[r][p] * scale, place, count, adds);
  }
}

#define STORE_TILE(total)                                                                                                  \
  storeTile(total, ROW(c, row) + batch * cBatch + column, cStride, m - row, n - column, scale, adds)
#define TILE_PLACE                                                                                                         \
  int row = TILE_OF_ROWS * TILE_ROWS, column = TILE_OF_COLUMNS * COLUMNS * LANES;                                          \
  long batch = get_global_id(2)

#ifdef SIMT

// Element [i, k] of A is at i · aStep + k · aDepthStep, [k, j] of B at j · bStep + k · bDepthStep.
TILE_KERNEL matmul(const global float *a, long aStart, long aStep, long aDepthStep, long aBatch, const global float *b,
                   long bStart, long bStep, long bDepthStep, long bBatch, OUTPUT(c), long cBatch, int m, int n, int depth,
                   float scale, int adds) {
  TILE_MEMORY(COLUMNS);
  TILE_PLACE;
  a += aStart + batch * aBatch + row * aStep;
  b += bStart + batch * bBatch + column * bStep;
  SUMS(total, COLUMNS);
  for (int from = 0; from < depth; from += SUM_BLOCK) {
    SUMS(sum, COLUMNS);
    tileProduct(sum, leftTile, rightTile, a + from * aDepthStep, aStep, aDepthStep, m - row, b + from * bDepthStep, bStep,
                bDepthStep, COLUMNS * LANES, 0, n - column, min(SUM_BLOCK, depth - from));
    addTile(total, sum);
  }
  STORE_TILE(total);
}

#else

// A is [M, K]; B is in panels of COLUMNS·WIDTH columns, bPanel elements apart, with values of k bStep apart.
// Dimensions: tiles of rows, panels, batch.
TILE_KERNEL matmul(INPUT(a), long aBatch, const global float *b, long bStart, long bPanel, long bStep, long bBatch,
                   OUTPUT(c), long cBatch, int m, int n, int depth, float scale, int adds) {
  TILE_PLACE;
  b += bStart + batch * bBatch + TILE_OF_COLUMNS * bPanel;
  const global float *rows[ROWS];
  ALL_ROWS rows[r] = ROW(a, min(row + r, m - 1)) + batch * aBatch;
  SUMS(total, COLUMNS);
  for (int from = 0; from < depth; from += SUM_BLOCK) {
    SUMS(sum, COLUMNS);
    tileProduct(sum, rows, b + from * bStep, min(SUM_BLOCK, depth - from));
    ALL_ROWS rows[r] += SUM_BLOCK;
    addTile(total, sum);
  }
  STORE_TILE(total);
}

// The product of a tile with a transposed left operand: its rows are contiguous, like the columns of the right one.
static inline void outerProducts(floatv (*sum)[COLUMNS], const global float *a, long aStep, const global float *b,
                                 long bStep, int count) {
  for (int k = 0; k < count; k++, a += aStep, b += bStep) {
    floatv right[COLUMNS];
    ALL_VECTORS(COLUMNS) right[p] = VLOAD(b + p * WIDTH);
    ALL_ROWS {
      floatv left = a[r];
      ALL_VECTORS(COLUMNS) sum[r][p] = fma(left, right[p], sum[r][p]);
    }
  }
}

// The same for A as [K, M], for weight gradients: in panels of WIDTH rows, of which ROWS is a part. Operands with a
// suitable number of rows need no packing.
TILE_KERNEL matmulTransposed(const global float *a, long aStart, long aPanel, long aStep, long aBatch,
                             const global float *b, long bStart, long bPanel, long bStep, long bBatch, OUTPUT(c),
                             long cBatch, int m, int n, int depth, float scale, int adds) {
  TILE_PLACE;
  a += aStart + batch * aBatch + row / WIDTH * aPanel + row % WIDTH;
  b += bStart + batch * bBatch + TILE_OF_COLUMNS * bPanel;
  SUMS(total, COLUMNS);
  for (int from = 0; from < depth; from += SUM_BLOCK) {
    SUMS(sum, COLUMNS);
    outerProducts(sum, a + from * aStep, aStep, b + from * bStep, bStep, min(SUM_BLOCK, depth - from));
    addTile(total, sum);
  }
  STORE_TILE(total);
}

#endif
