// A function of one to three operands of any strides, element by element: see strided.cl. Dimensions: runs of
// RUN vectors of columns, rows.

// Vectors that a work-item computes; `OpenCLBackend.map` launches accordingly.
#ifndef RUN
#ifdef SIMT
#define RUN 1
#else
#define RUN 8
#endif
#endif

kernel void map(OPERAND(a), OPERAND(b), OPERAND(c), global float *y, long yStart, long8 yStrides, int8 lengths, int rows,
                int function, int adds) {
  int first = get_global_id(0) * WIDTH * RUN, row = get_global_id(1);
  if (first >= lengths.s7 || row >= rows) return;
  long atA = aStart, atB = bStart, atC = cStart, atY = yStart;
#define PLACE(k) atA += at * aStrides.s##k, atB += at * bStrides.s##k, atC += at * cStrides.s##k, atY += at * yStrides.s##k;
  EACH_AXIS(lengths, row, PLACE)
  for (int column = first; column < min(first + WIDTH * RUN, lengths.s7); column += WIDTH) {
    int count = lengths.s7 - column;
    floatv value = mapped(function, LOAD_OPERAND(a, atA + column * aStrides.s7, aStrides.s7, count),
                          LOAD_OPERAND(b, atB + column * bStrides.s7, bStrides.s7, count),
                          LOAD_OPERAND(c, atC + column * cStrides.s7, cStrides.s7, count));
    putStrided(value, y + atY + column * yStrides.s7, yStrides.s7, count, adds);
  }
}

// Cumulative sums along an axis, a work-item for each vector of the columns of the other axes. What a sum lost to rounding is
// added to the next term (Kahan): a long sum is as exact as a short one.
kernel void scan(const global float *x, long xStart, long8 xStrides, global float *y, long yStart, long8 yStrides,
                 int8 lengths, int rows, int steps, long xStep, long yStep, int adds) {
  int column = get_global_id(0) * WIDTH, count = lengths.s7 - column, row = get_global_id(1);
  if (column >= lengths.s7 || row >= rows) return;
  long atX = xStart + column * xStrides.s7, atY = yStart + column * yStrides.s7;
#define PLACE_OF_SUM(k) atX += at * xStrides.s##k, atY += at * yStrides.s##k;
  EACH_AXIS(lengths, row, PLACE_OF_SUM)
  floatv sum = 0, lost = 0;
  for (int step = 0; step < steps; step++) {
    floatv term = loadStrided(x + atX + step * xStep, xStrides.s7, count) - lost, next = sum + term;
    lost = (next - sum) - term;
    lost = lost == lost ? lost : (floatv)(0.0f);  // ∞ stays ∞
    sum = next;
    putStrided(sum, y + atY + step * yStep, yStrides.s7, count, adds);
  }
}
