// Maxima and cumulative sums along an axis. (Sums of functions are made of `map`, `copy` and `sum`.)

// Whether a value found at `place` comes before the best one so far: of equal ones the first, a NaN before any number.
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

// What a sum lost to rounding is added to the next term (Kahan): a long sum is as exact as a short one.
static void NAME(scan)(CPUOperand x, CPUResult out, size_t rows, size_t columns) {
  EACH_VECTOR(i, n, columns) {
    const float *from = x.data + i * x.column;
    float *to = out.data + i * out.columnStride;
    vec sum = 0, lost = 0;
    for (size_t row = 0; row < rows; row++, from += x.row, to += out.rowStride) {
      vec term = NAME(loadStrided)(from, x.column, n) - lost, next = sum + term;
      lost = (next - sum) - term;
      lost = lost == lost ? lost : (vec)0.0f;  // ∞ stays ∞
      sum = next;
      NAME(putStrided)(to, out.columnStride, sum, n, out.adds);
    }
  }
}
