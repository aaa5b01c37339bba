// Cumulative sums along an axis of operands of any strides: see strided.cl. The rounding error of a sum is added to the
// next term (Kahan), so that long sums are as exact as short ones.

static inline floatv plus(floatv sum, floatv value, floatv *lost) {
  floatv term = value - *lost, next = sum + term;
  *lost = (next - sum) - term;
  *lost = *lost == *lost ? *lost : (floatv)(0.0f);  // ∞ stays ∞
  return next;
}

#define SCAN_OPERANDS                                                                                                      \
  const global float *x, long xStart, long8 xStrides, global float *y, long yStart, long8 yStrides, int8 lengths, int rows, \
      int steps, long xStep, long yStep, int adds
#define STEP_OTHERS(k) atX += at * xStrides.s##k, atY += at * yStrides.s##k;

// One work-item per run of vectors of the columns of the other axes.
kernel void scan(SCAN_OPERANDS) {
  int column = get_global_id(0) * WIDTH * ACROSS, count = lengths.s7 - column, row = get_global_id(1);
  if (column >= lengths.s7 || row >= rows) return;
  int vectors = min(ACROSS, (count + WIDTH - 1) / WIDTH);
  long atX = xStart + column * xStrides.s7, atY = yStart + column * yStrides.s7;
  EACH_AXIS(lengths, row, STEP_OTHERS)
  floatv sums[ACROSS], lost[ACROSS];
  for (int v = 0; v < ACROSS; v++) sums[v] = lost[v] = 0;
  for (int step = 0; step < steps; step++, atX += xStep, atY += yStep) {
    for (int v = 0; v < vectors; v++) {
      int first = v * WIDTH;
      sums[v] = plus(sums[v], loadStrided(x + atX + first * xStrides.s7, xStrides.s7, count - first), &lost[v]);
      putStrided(sums[v], y + atY + first * yStrides.s7, yStrides.s7, count - first, adds);
    }
  }
}

#ifdef SIMT

// Along a contiguous axis: one work-group per sum, which reads as many terms at a time as it has work-items.
// Dimensions: lanes, other axes.
kernel void scanAlong(SCAN_OPERANDS) {
  GROUP_MEMORY;
  int index = get_global_id(1);
  long atX = xStart, atY = yStart, at = index % lengths.s7;
  STEP_OTHERS(7)
  EACH_AXIS(lengths, index / lengths.s7, STEP_OTHERS)
  float sum = 0, lost = 0;
  for (int from = 0; from < steps; from += LANES) {
    int step = from + LANE;
    float value = step < steps ? x[atX + step * xStep] : 0;
    for (int span = 1; span < LANES; span *= 2) {
      barrier(CLK_LOCAL_MEM_FENCE);
      groupMemory[LANE] = value;
      barrier(CLK_LOCAL_MEM_FENCE);
      if (LANE >= span) value += groupMemory[LANE - span];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    groupMemory[LANE] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (step < steps) PUT(y + atY + step * yStep, sum + (value - lost), adds);
    sum = plus(sum, groupMemory[LANES - 1], &lost);
  }
}

#else

// Along a contiguous axis, forwards or backwards: one work-item per vector of sums, whose terms and results are read
// and written in tiles: see transpose.cl. Dimensions: vectors of the columns of the other axes, their rows.
kernel void scanAlong(SCAN_OPERANDS) {
  int column = get_global_id(0) * WIDTH, count = lengths.s7 - column, row = get_global_id(1);
  if (column >= lengths.s7 || row >= rows) return;
  long atX = xStart + column * xStrides.s7, atY = yStart + column * yStrides.s7;
  EACH_AXIS(lengths, row, STEP_OTHERS)
  floatv sum = 0, lost = 0;
  for (int from = 0; from < steps; from += TILE) {
    int there = min(TILE, steps - from), start = xStep < 0 ? 1 - from - there : from;
    floatv tile[TILE];
    loadTransposed(tile, x + atX + start, xStrides.s7, there, count);
    for (int step = 0; step < there; step++) {
      int place = xStep < 0 ? there - 1 - step : step;
      tile[place] = sum = plus(sum, tile[place], &lost);
    }
    transpose(tile);
    for (int c = 0; c < min(TILE, count); c++) putPart(tile[c], y + atY + c * yStrides.s7 + start, there, adds);
  }
}

#endif
