// The device's peak rates: multiply-adds on registers, and a copy.

// `rounds` rounds of 2 · CHAINS · WIDTH operations per work-item, on independent sums; the result keeps the compiler
// from removing them.
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

// One vector per work-item, adjacent vectors in adjacent work-items.
kernel void copyVectors(INPUT(x), OUTPUT(y), int count) {
  int i = get_global_id(0);
  if (i < count) VSTORE(VLOAD(x + xStart + (long)i * WIDTH), y + yStart + (long)i * WIDTH);
}
