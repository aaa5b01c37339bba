// C = scale · op(A) · op(B), a tile for each work-item (wide) or work-group (SIMT); see tile.cl. Long sums are taken in
// blocks of BLOCK values of k, so that their rounding errors stay small.

#ifndef COLUMNS
#define COLUMNS 2  // vectors of a tile
#endif
#define BLOCK 256

PRODUCT(tileProduct, COLUMNS)

static inline void addTile(floatv (*total)[COLUMNS], floatv (*sum)[COLUMNS]) {
  ALL_ROWS ALL_VECTORS(COLUMNS) total[r][p] += sum[r][p];
}

// Stores a tile whose first element is `c`, with `rows` and `columns` from there to the end of C.
static inline void storeTile(floatv (*sum)[COLUMNS], global float *c, long stride, int rows, int columns, float scale,
                             int adds) {
  ALL_ROWS ALL_VECTORS(COLUMNS) {
    int count = columns - COLUMN(p), row = FIRST_ROW + r;
    global float *place = c + row * stride + COLUMN(p);
    if (row < rows && count > 0) {
      floatv value = sum[r][p] * scale;
      storePart(adds ? value + loadPart(place, count) : value, place, count);
    }
  }
}

#define STORE_TILE(total)                                                                                                  \
  storeTile(total, ROW(c, row) + batch * cBatch + column, cStride, m - row, n - column, scale, adds)
#define TILE_PLACE                                                                                                         \
  int row = TILE_OF_ROWS * TILE_ROWS, column = TILE_OF_COLUMNS * COLUMNS * LANES;                                          \
  long batch = get_global_id(2)

#ifdef SIMT

// Element [i, k] of A lies at i · aStep + k · aDepthStep, [k, j] of B at j · bStep + k · bDepthStep.
TILE_KERNEL matmul(const global float *a, long aStart, long aStep, long aDepthStep, long aBatch, const global float *b,
                   long bStart, long bStep, long bDepthStep, long bBatch, OUTPUT(c), long cBatch, int m, int n, int depth,
                   float scale, int adds) {
  TILE_MEMORY(COLUMNS);
  TILE_PLACE;
  a += aStart + batch * aBatch + row * aStep;
  b += bStart + batch * bBatch + column * bStep;
  SUMS(total, COLUMNS);
  for (int from = 0; from < depth; from += BLOCK) {
    SUMS(sum, COLUMNS);
    tileProduct(sum, leftTile, rightTile, a + from * aDepthStep, aStep, aDepthStep, m - row, b + from * bDepthStep, bStep,
                bDepthStep, COLUMNS * LANES, 0, n - column, min(BLOCK, depth - from));
    addTile(total, sum);
  }
  STORE_TILE(total);
}

#else

// A is [M, K]. Dimensions: tiles of rows, panels, batch.
TILE_KERNEL matmul(INPUT(a), long aBatch, const global float *panels, long panelBatch, OUTPUT(c), long cBatch, int m,
                   int n, int depth, float scale, int adds) {
  TILE_PLACE;
  const global float *b = panels + batch * panelBatch + (long)column * depth;
  const global float *rows[ROWS];
  ALL_ROWS rows[r] = ROW(a, min(row + r, m - 1)) + batch * aBatch;
  SUMS(total, COLUMNS);
  for (int from = 0; from < depth; from += BLOCK) {
    SUMS(sum, COLUMNS);
    tileProduct(sum, rows, b + (long)from * COLUMNS * WIDTH, min(BLOCK, depth - from));
    ALL_ROWS rows[r] += BLOCK;
    addTile(total, sum);
  }
  STORE_TILE(total);
}

// The product of a tile whose left operand was packed, too: a part of the rows of [k, WIDTH].
static inline void packedProduct(floatv (*sum)[COLUMNS], const global float *a, const global float *b, int count) {
  for (int k = 0; k < count; k++, a += WIDTH, b += COLUMNS * WIDTH) {
    floatv right[COLUMNS];
    ALL_VECTORS(COLUMNS) right[p] = VLOAD(b + p * WIDTH);
    ALL_ROWS {
      floatv left = a[r];
      ALL_VECTORS(COLUMNS) sum[r][p] = fma(left, right[p], sum[r][p]);
    }
  }
}

// The same where A was packed into panels of WIDTH rows, for its rows did not lie in one piece; ROWS divides WIDTH.
TILE_KERNEL matmulPacked(const global float *a, long aBatch, const global float *panels, long panelBatch, OUTPUT(c),
                         long cBatch, int m, int n, int depth, float scale, int adds) {
  TILE_PLACE;
  const global float *b = panels + batch * panelBatch + (long)column * depth;
  a += batch * aBatch + (long)(row - row % WIDTH) * depth + row % WIDTH;
  SUMS(total, COLUMNS);
  for (int from = 0; from < depth; from += BLOCK) {
    SUMS(sum, COLUMNS);
    packedProduct(sum, a + (long)from * WIDTH, b + (long)from * COLUMNS * WIDTH, min(BLOCK, depth - from));
    addTile(total, sum);
  }
  STORE_TILE(total);
}

#endif
