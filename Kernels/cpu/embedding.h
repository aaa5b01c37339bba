// Gather and scatter-add of table rows.

// out (+)= the table's rows; a negative index reads 0.
static void NAME(gather)(
  const float *table, size_t tableStride, const int32_t *indices, size_t count, float *out, size_t outStride,
  size_t columns, int adds) {
  for (size_t r = 0; r < count; r++) {
    const float *row = table + (indices[r] < 0 ? 0 : (size_t)indices[r]) * tableStride;
    EACH_VECTOR(i, n, columns) {
      vec v = indices[r] < 0 ? (vec)0.0f : NAME(load)(row + i, n);
      NAME(put)(out + r * outStride + i, v, n, adds);
    }
  }
}

// table[rows[p]] += Σ dy[positions], those from starts[p] to starts[p + 1], in order.
static void NAME(scatterAdd)(
  const float *dy, size_t dyStride, const int32_t *rows, const int32_t *starts, const int32_t *positions,
  CPURange places, float *table, size_t tableStride, size_t columns) {
  for (size_t p = places.begin; p < places.end; p++) {
    float *row = table + (size_t)rows[p] * tableStride;
    for (size_t first = 0; first < columns; first += PANEL_VECTORS * WIDTH) {
      size_t width = cpuSmaller(columns - first, PANEL_VECTORS * WIDTH);
      vec sums[PANEL_VECTORS];
      EACH_VECTOR(i, n, width) sums[i / WIDTH] = NAME(load)(row + first + i, n);
      for (int32_t place = starts[p]; place < starts[p + 1]; place++) {
        const float *gradient = dy + (size_t)positions[place] * dyStride + first;
        EACH_VECTOR(i, n, width) sums[i / WIDTH] += NAME(load)(gradient + i, n);
      }
      EACH_VECTOR(i, n, width) NAME(store)(row + first + i, sums[i / WIDTH], n);
    }
  }
}
