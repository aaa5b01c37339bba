// Multiply-adds at the processor's peak rate, to which a kernel's rate is compared.

// `count` rounds of 2 · CHAINS · WIDTH operations on registers; returns a value so that they are not optimized away.
#define CHAINS 12
static float NAME(peak)(size_t count, float start) {
  vec sums[CHAINS], factor = (vec)start + 1.0f, term = (vec)start;
  for (size_t i = 0; i < CHAINS; i++) sums[i] = (vec)((float)i * start);
  for (size_t n = 0; n < count; n++) {
#pragma clang loop unroll(full)
    for (size_t i = 0; i < CHAINS; i++) sums[i] = sums[i] * factor + term;
  }
  float total = 0;
  for (size_t i = 0; i < CHAINS; i++)
    for (size_t j = 0; j < WIDTH; j++) total += sums[i][j];
  return total;
}
#undef CHAINS
