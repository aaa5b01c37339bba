// What the device can do at most: multiply-adds on registers, and a copy.

// `rounds` rounds of 2 · CHAINS · WIDTH operations a work-item, on sums that do not wait for each other; the result keeps the
// compiler from leaving them out.
#define CHAINS 12
kernel void peak(OUTPUT(y), int rounds, float start) {
  floatv sums[CHAINS], factor = start + 1.0f, term = start;
  _Pragma("unroll") for (int i = 0; i < CHAINS; i++) sums[i] = i * start;
  for (int n = 0; n < rounds; n++) {
    _Pragma("unroll") for (int i = 0; i < CHAINS; i++) sums[i] = fma(sums[i], factor, term);
  }
  floatv total = 0;
  _Pragma("unroll") for (int i = 0; i < CHAINS; i++) total += sums[i];
  *ROW(y, get_global_id(0)) = sumOf(total);
}

// A vector a work-item, neighbours beside each other.
kernel void copyVectors(INPUT(x), OUTPUT(y), int count) {
  int i = get_global_id(0);
  if (i < count) VSTORE(VLOAD(x + xStart + (long)i * WIDTH), y + yStart + (long)i * WIDTH);
}
