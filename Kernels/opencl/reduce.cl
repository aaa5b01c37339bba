// Sums in a fixed order: blocks are summed by one work-item each, and the blocks' sums by further launches of the same
// kernels.

#define FUNCTION(v) (squares ? (v) * (v) : (v))

// Over columns: [R, C] → [R, blocks], a work-item for each block of `block` columns (a multiple of WIDTH) of a row.
// Dimensions: blocks, rows.
kernel void sumColumns(INPUT(x), OUTPUT(y), int columns, int block, int squares, float scale, int adds) {
  int from = get_global_id(0) * block, to = min(from + block, columns), row = get_global_id(1);
  const global float *values = ROW(x, row);
  floatv sums = 0;
  int column = from;
  for (; column + WIDTH <= to; column += WIDTH) {
    floatv value = VLOAD(values + column);
    sums += FUNCTION(value);
  }
  float sum = sumOf(sums);
  for (; column < to; column++) sum += FUNCTION(values[column]);
  PUT(&ROW(y, row)[get_global_id(0)], sum * scale, adds);
}

// Over rows: [R, C] → [blocks, C], a work-item for WIDTH columns of each block of `block` rows. Dimensions: vectors of
// columns, blocks.
kernel void sumRows(INPUT(x), OUTPUT(y), int rows, int columns, int block, int squares, float scale, int adds) {
  int column = get_global_id(0) * WIDTH, count = columns - column;
  int from = get_global_id(1) * block, to = min(from + block, rows);
  floatv sum = 0;
  for (int row = from; row < to; row++) {
    floatv value = loadPart(ROW(x, row) + column, count);
    sum += FUNCTION(value);
  }
  global float *place = ROW(y, get_global_id(1)) + column;
  sum *= scale;
  storePart(adds ? sum + loadPart(place, count) : sum, place, count);
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
