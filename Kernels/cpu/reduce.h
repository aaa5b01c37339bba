// Sums, in an order that depends on nothing but the count.

static float NAME(sum)(const float *x, size_t count, int squares) {
  vec sums[4] = {0};
  EACH_VECTOR(i, n, count) {
    vec v = NAME(load)(x + i, n);
    sums[i / WIDTH % 4] += squares ? v * v : v;
  }
  return NAME(total)((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

// Blocks of 64 rows are summed first, then the blocks: errors grow with the root of both numbers, not of their product.
static void NAME(sumRows)(
  const float *x, size_t stride, CPURuns rows, float *out, size_t columns, int squares, float scale, int adds) {
  EACH_VECTOR(i, n, columns) {
    vec sum = 0;
    for (size_t run = 0; run < rows.count; run++) {
      const float *first = x + run * rows.stride * stride + i;
      for (size_t r0 = 0; r0 < rows.length; r0 += 64) {
        vec block = 0;
        for (size_t r = r0; r < rows.length && r < r0 + 64; r++) {
          vec v = NAME(load)(first + r * stride, n);
          block += squares ? v * v : v;
        }
        sum += block;
      }
    }
    NAME(put)(out + i, sum * scale, n, adds);
  }
}

// v − v is 0 for finite numbers and NaN for all others.
static int NAME(hasNonFinite)(const float *x, size_t count) {
  vec sums = 0;
  EACH_VECTOR(i, n, count) {
    vec v = NAME(load)(x + i, n);
    sums += v - v;
  }
  float sum = NAME(total)(sums);
  return sum != sum;
}
