// Philox 4×32-10, WIDTH counters at a time, and dropout.

typedef uint64_t NAME(wide) __attribute__((ext_vector_type(WIDTH)));

// The upper half of each product.
INLINE uvec NAME(high)(uvec a, uint32_t factor) {
  NAME(wide) product = __builtin_convertvector(a, NAME(wide)) * (uint64_t)factor;
  return __builtin_convertvector(product >> 32, uvec);
}

// Four words for each of WIDTH counters (first + i, layer, step mod 2³², step / 2³²).
INLINE void NAME(philoxWords)(uvec words[4], uint64_t first, uint64_t seed, uint32_t layer, uint64_t step) {
  uvec a;
  for (size_t i = 0; i < WIDTH; i++) a[i] = (uint32_t)(first + i);
  uvec b = layer, c = (uint32_t)step, d = (uint32_t)(step >> 32);
  uint32_t low = (uint32_t)seed, high = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    uvec highA = NAME(high)(a, 0xD2511F53), lowA = a * 0xD2511F53u;
    uvec highC = NAME(high)(c, 0xCD9E8D57), lowC = c * 0xCD9E8D57u;
    a = highC ^ b ^ low;
    b = lowC;
    c = highA ^ d ^ high;
    d = lowA;
    low += 0x9E3779B9;
    high += 0xBB67AE85;
  }
  words[0] = a;
  words[1] = b;
  words[2] = c;
  words[3] = d;
}

static void NAME(philox)(
  uint32_t *words, size_t count, uint64_t first, uint64_t seed, uint32_t layer, uint64_t step) {
  EACH_VECTOR(i, n, count) {
    uvec drawn[4];
    NAME(philoxWords)(drawn, first + i, seed, layer, step);
    for (size_t j = 0; j < n; j++)
      for (size_t w = 0; w < 4; w++) words[4 * (i + j) + w] = drawn[w][j];
  }
}

static void NAME(dropout)(
  const float *x, float *out, size_t count, int adds, uint64_t first, uint64_t seed, uint32_t layer, uint64_t step,
  uint32_t threshold, float scale) {
  // Words of whole counters; the run may start within one.
  size_t skipped = first % 4;
  for (size_t i = 0; i < count;) {
    uint32_t words[4 * WIDTH];
    NAME(philox)(words, WIDTH, (first + i) / 4, seed, layer, step);
    size_t run = 4 * WIDTH - skipped < count - i ? 4 * WIDTH - skipped : count - i;
    for (size_t j = 0; j < run; j++) {
      float kept = words[skipped + j] < threshold ? 0 : x[i + j] * scale;
      out[i + j] = adds ? out[i + j] + kept : kept;
    }
    i += run;
    skipped = 0;
  }
}
