// Philox 4×32-10 (Salmon et al. 2011): random words as a pure function of a key and a counter.

static inline uint4 philox(uint2 key, uint4 counter) {
  for (int round = 0; round < 10; round++) {
    uint highA = mul_hi(counter.x, 0xD2511F53u), lowA = counter.x * 0xD2511F53u;
    uint highB = mul_hi(counter.z, 0xCD9E8D57u), lowB = counter.z * 0xCD9E8D57u;
    counter = (uint4)(highB ^ counter.y ^ key.x, lowB, highA ^ counter.w ^ key.y, lowA);
    key += (uint2)(0x9E3779B9u, 0xBB67AE85u);
  }
  return counter;
}

// One work-item per counter and its four elements, row-major over rows × columns.
kernel void dropout(INPUT(x), OUTPUT(y), long count, int columns, uint seedLow, uint seedHigh, uint layer, uint stepLow,
                    uint stepHigh, uint threshold, float factor, int adds) {
  long first = (long)get_global_id(0) * 4;
  if (first >= count) return;
  uint4 words = philox((uint2)(seedLow, seedHigh), (uint4)((uint)get_global_id(0), layer, stepLow, stepHigh));
  uint word[4] = {words.x, words.y, words.z, words.w};
  for (int i = 0; i < 4 && first + i < count; i++) {
    long row = (first + i) / columns;
    int column = (first + i) % columns;
    PUT(&ROW(y, row)[column], word[i] < threshold ? 0 : ROW(x, row)[column] * factor, adds);
  }
}
