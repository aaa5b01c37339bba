// Sums in a fixed order: blocks are summed by one work-group each, see row.cl, and the sums of blocks by further
// launches of the same kernels.

#define FUNCTION(v) (squares ? (v) * (v) : (v))

// Over columns: [R, C] → [R, blocks], in blocks of `block` columns (a multiple of WIDTH). Dimensions: lanes of the blocks,
// rows.
kernel void sumColumns(INPUT(x), OUTPUT(y), int columns, int block, int squares, float scale, int adds) {
  GROUP_MEMORY;
  int row = get_global_id(1), place = COLUMN_BLOCK, from = place * block;
  const global float *values = ROW(x, row);
  floatv sums = 0;
  EACH_VECTOR(c, count, from, from + min(block, columns - from)) {
    floatv value = loadPart(values + c, count);
    sums += FUNCTION(value);
  }
  float sum = ROW_SUM(sums) * scale;
  if (LANE == 0) PUT(&ROW(y, row)[place], sum, adds);
}

// Over rows: [R, C] → [blocks, C], in blocks of `block` rows. Dimensions: vectors of columns, lanes of the blocks.
kernel void sumRows(INPUT(x), OUTPUT(y), int rows, int columns, int block, int squares, float scale, int adds) {
  GROUP_MEMORY;
  int column = VECTOR_COLUMN, count = columns - column, place = ROW_BLOCK, from = place * block;
  floatv sums = 0;
  EACH_ROW(row, from, min(from + block, rows)) {
    floatv value = loadPart(ROW(x, row) + column, count);
    sums += FUNCTION(value);
  }
  floatv sum = BLOCK_SUM(sums) * scale;
  if (BLOCK_LANE == 0) putPart(sum, ROW(y, place) + column, count, adds);
}

// The maxima over time: [T·N, C] → [N, C], and the step of each; a work-item for each [row, vector of columns]. Ties go
// to the first; a NaN exceeds any number; a row of length 0 gives 0 and −1. (The columns are compared, not `count` with
// 0: that makes Intel's runtime compute the wrong columns in `clipByNorm`.)
kernel void maxOverTime(INPUT(x), INDICES(lengths), OUTPUT(y), global int *winners, long winnersStart, int columns,
                        int steps, int rows, int bounded) {
  int column = get_global_id(0) * WIDTH, count = columns - column, row = get_global_id(1);
  if (column >= columns) return;
  int length = bounded ? lengths[lengthsStart + row] : steps;
  floatv best = 0;
  intv winner = -1;
  for (int t = 0; t < length; t++) {
    floatv value = loadPart(ROW(x, (long)t * rows + row) + column, count);
    intv wins = (value > best) | ((value != value) & (best == best)) | (intv)(t == 0 ? -1 : 0);
    best = wins ? value : best;
    winner = wins ? (intv)(t) : winner;
  }
  storePart(best, ROW(y, row) + column, count);
  storePart(winner, winners + winnersStart + (long)row * columns + column, count);
}

// A work-item for each [step and row, vector of columns].
kernel void maxOverTimeBackward(INPUT(dy), INDICES(winners), OUTPUT(dx), int columns, int rows, int adds) {
  int column = get_global_id(0) * WIDTH, count = columns - column, place = get_global_id(1);
  if (column >= columns) return;
  int row = place % rows;
  intv winner = loadPart(winners + winnersStart + (long)row * columns + column, count, -1);
  floatv gradient = loadPart(ROW(dy, row) + column, count);
  putPart(winner == (intv)(place / rows) ? gradient : (floatv)(0.0f), ROW(dx, place) + column, count, adds);
}

// The norm from the sum of squares.
kernel void norm(INPUT(sum), OUTPUT(y)) { y[yStart] = sqrt(sum[sumStart]); }

// Scales by min(1, maximum / (norm + 10⁻⁶)), unless the norm is not finite.
kernel void clipByNorm(OUTPUT(x), INPUT(norm), int columns, float maximum) {
  int column = get_global_id(0);
  if (column >= columns) return;
  float found = norm[normStart];
  float factor = maximum / (found + 1e-6f);
  if (isfinite(found) && factor < 1) x[xStart + column] *= factor;
}
