// Maxima and cumulative sums along an axis. (Sums of functions are composed of `map`, `copy` and `sum`.)

// Whether a value at index `place` replaces the best so far: ties go to the first, a NaN exceeds any number.
INLINE int NAME(isBetter)(float value, int32_t place, float best, int32_t bestPlace) {
  if (bestPlace < 0 || value > best || (value != value && best == best)) return 1;
  return (value == best || (value != value && best != best)) && place < bestPlace;
}

static void NAME(largestOf)(
  const float *x, size_t stride, size_t count, int32_t first, float *best, int32_t *bestPlace) {
  vec values = 0;
  ivec places = -1, here;
  for (int j = 0; j < WIDTH; j++) here[j] = first + j;
  size_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH, here += WIDTH) {
    vec v = NAME(loadStrided)(x + i * stride, stride, WIDTH);
    ivec wins = (v > values) | ((v != v) & (values == values)) | (places < 0);
    values = wins ? v : values;
    places = wins ? here : places;
  }
  for (size_t j = 0; j < WIDTH; j++)
    if (places[j] >= 0 && NAME(isBetter)(values[j], places[j], *best, *bestPlace)) {
      *best = values[j];
      *bestPlace = places[j];
    }
  for (; i < count; i++)
    if (NAME(isBetter)(x[i * stride], first + (int32_t)i, *best, *bestPlace)) {
      *best = x[i * stride];
      *bestPlace = first + (int32_t)i;
    }
}

// The sum with one more term. Its rounding error is added to the next term (Kahan), so that long sums are as exact as
// short ones.
INLINE vec NAME(plus)(vec sum, vec value, vec *lost) {
  vec term = value - *lost, next = sum + term;
  *lost = (next - sum) - term;
  *lost = *lost == *lost ? *lost : (vec)0.0f;  // ∞ stays ∞
  return next;
}

// Sums along contiguous elements, forwards or backwards: in square tiles, one sum per row.
INLINE void NAME(scanAlong)(CPUOperand x, CPUResult out, size_t rows, size_t columns) {
  int isReversed = x.row != 1;
  EACH_VECTOR(i, n, columns) {
    vec sum = 0, lost = 0, square[WIDTH];
    for (size_t row = 0; row < rows; row += WIDTH) {
      size_t count = rows - row < WIDTH ? rows - row : WIDTH;
      ptrdiff_t first = isReversed ? 1 - (ptrdiff_t)(row + count) : (ptrdiff_t)row;
      NAME(loadTransposed)(square, x.data + first + i * x.column, x.column, count, n);
      for (size_t r = 0; r < count; r++) {
        size_t place = isReversed ? count - 1 - r : r;
        square[place] = sum = NAME(plus)(sum, square[place], &lost);
      }
      NAME(transpose)(square);
      for (size_t j = 0; j < n; j++) NAME(put)(out.data + first + (i + j) * out.columnStride, square[j], count, out.adds);
    }
  }
}

INLINE void NAME(scanRun)(CPUOperand x, CPUResult out, size_t rows, size_t vectors, size_t columns) {
  vec sums[RUN] = {0}, lost[RUN] = {0};
  for (size_t row = 0; row < rows; row++, x.data += (ptrdiff_t)x.row, out.data += (ptrdiff_t)out.rowStride)
    for (size_t j = 0; j < vectors; j++) {
      size_t first = j * WIDTH, n = columns - first < WIDTH ? columns - first : WIDTH;
      sums[j] = NAME(plus)(sums[j], NAME(loadStrided)(x.data + first * x.column, x.column, n), &lost[j]);
      NAME(putStrided)(out.data + first * out.columnStride, out.columnStride, sums[j], n, out.adds);
    }
}

static void NAME(scan)(CPUOperand x, CPUResult out, size_t rows, size_t columns) {
  int isAlong = x.row == 1 || x.row == (size_t)-1;
  if (isAlong && out.rowStride == x.row) return NAME(scanAlong)(x, out, rows, columns);
#define SCAN_RUN(i, vectors) NAME(scanRun)( \
    (CPUOperand){x.data + i * x.column, 0, x.row, x.column}, \
    (CPUResult){out.data + i * out.columnStride, out.rowStride, out.columnStride, out.adds}, rows, vectors, \
    vectors == 1 ? columns - i : vectors * WIDTH)
  EACH_RUN(columns, SCAN_RUN);
#undef SCAN_RUN
}
