// What the fused steps of all cells share: a product of a few rows with a panel, whose sums go from registers through a
// small tile to a cell's own function, row by row.
//
// Gate panels interleave V gates of WIDTH units, so that a row of the tile holds all gates of the same units. Unit panels
// hold PANEL_VECTORS · WIDTH units of one gate.

typedef struct {
  const float *a, *panel;  // NULL panel: no product
  size_t aStride, depth;
} NAME(Factor);

// Whether row n takes part in a step.
INLINE int NAME(isActive)(const int32_t *lengths, size_t n, int32_t step) { return !lengths || step < lengths[n]; }

// Gives `finish` rows × panels of a forward step: for each row and WIDTH units the V sums (1 in a unit panel).
INLINE void NAME(forward)(
  const CPUCellForward *s, CPURange rows, CPURange panels, size_t gates, const float *a, size_t aStride,
  void (*finish)(const CPUCellForward *, size_t n, size_t unit, size_t count, const vec *sums)) {
  size_t vectors = gates > 1 ? gates : PANEL_VECTORS;
  size_t width = gates > 1 ? WIDTH : PANEL_VECTORS * WIDTH;
  size_t total = rows.end - rows.begin;
  size_t tiles = (total + NAME(rowLimit)[vectors] - 1) / NAME(rowLimit)[vectors];
  for (size_t p = panels.begin; p < panels.end; p++) {
    size_t units = s->hidden - p * width < width ? s->hidden - p * width : width;
    for (size_t t = 0; t < tiles; t++) {
      size_t first = rows.begin + total * t / tiles, end = rows.begin + total * (t + 1) / tiles;
      float sums[MAXIMUM_ROWS * PANEL_VECTORS * WIDTH];
      if (s->weights)
        NAME(product)(
          end - first, vectors, sums, vectors * WIDTH, 0, (CPUMatrix){a + first * aStride, aStride, 1},
          s->weights + p * s->hidden * vectors * WIDTH, s->hidden);
      for (size_t n = first; n < end; n++) {
        const float *row = sums + (n - first) * vectors * WIDTH;
        EACH_VECTOR(i, count, gates > 1 ? WIDTH : units) {
          size_t unit = p * width + i, valid = s->hidden - unit < count ? s->hidden - unit : count;
          const float *source = s->weights ? row + i : s->recurrent + n * s->recurrentStride + unit;
          size_t step = s->weights ? WIDTH : s->hidden;
          vec parts[PANEL_VECTORS];
          for (size_t g = 0; g < gates; g++)
            parts[g] = s->resets && s->resets[n] ? (vec)0.0f : NAME(load)(source + g * step, valid);
          finish(s, n, unit, valid, parts);
        }
      }
    }
  }
}

// Gives `finish` rows × unit panels of a backward step with Σ of up to two products.
INLINE void NAME(backward)(
  const CPUCellBackward *s, CPURange rows, CPURange panels, size_t depth, NAME(Factor) one, NAME(Factor) two,
  void (*finish)(const CPUCellBackward *, size_t n, size_t unit, size_t count, vec sum)) {
  size_t limit = NAME(rowLimit)[PANEL_VECTORS], width = PANEL_VECTORS * WIDTH;
  size_t total = rows.end - rows.begin, tiles = (total + limit - 1) / limit;
  for (size_t p = panels.begin; p < panels.end; p++) {
    size_t units = s->hidden - p * width < width ? s->hidden - p * width : width;
    for (size_t t = 0; t < tiles; t++) {
      size_t first = rows.begin + total * t / tiles, end = rows.begin + total * (t + 1) / tiles;
      float sums[MAXIMUM_ROWS * PANEL_VECTORS * WIDTH] = {0};
      if (one.panel)
        NAME(product)(
          end - first, PANEL_VECTORS, sums, width, 0, (CPUMatrix){one.a + first * one.aStride, one.aStride, 1},
          one.panel + p * depth * width, one.depth);
      if (two.panel)
        NAME(product)(
          end - first, PANEL_VECTORS, sums, width, 1, (CPUMatrix){two.a + first * two.aStride, two.aStride, 1},
          two.panel + p * depth * width, two.depth);
      for (size_t n = first; n < end; n++)
        EACH_VECTOR(i, count, units)
          finish(s, n, p * width + i, count, NAME(load)(sums + (n - first) * width + i, WIDTH));
    }
  }
}

// The state that a row had before the step: 0 where it was reset.
INLINE vec NAME(stateBefore)(
  const float *before, size_t stride, const int32_t *resets, size_t n, size_t unit, size_t count) {
  return resets && resets[n] ? (vec)0.0f : NAME(load)(before + n * stride + unit, count);
}

// Ends a forward step in a row that takes part.
INLINE void NAME(setState)(const CPUCellForward *s, size_t n, size_t unit, size_t count, vec h) {
  NAME(store)(s->h + n * s->hStride + unit, h, count);
  if (s->output) NAME(store)(s->output + n * s->outputStride + unit, h, count);
}

// Ends a forward step in a row that is past its end: the state is carried, the output and the reserve are 0.
INLINE void NAME(carryState)(const CPUCellForward *s, size_t n, size_t unit, size_t count, size_t slots) {
  NAME(store)(s->h + n * s->hStride + unit, NAME(load)(s->hBefore + n * s->hStride + unit, count), count);
  if (s->c) NAME(store)(s->c + n * s->cStride + unit, NAME(load)(s->cBefore + n * s->cStride + unit, count), count);
  if (s->output) NAME(store)(s->output + n * s->outputStride + unit, 0.0f, count);
  for (size_t g = 0; g < slots; g++) NAME(store)(s->gates + n * s->gatesStride + g * s->hidden + unit, 0.0f, count);
}

// Whether the reader of row n's state was reset, so that no gradient comes back from it.
INLINE int NAME(isCut)(const CPUCellBackward *s, size_t n) {
  return s->cuts && s->cuts[n] && NAME(isActive)(s->lengths, n, s->reader);
}

// The gradient of the state without that of the output. In a row past its end it is carried, and the gates' are 0.
INLINE vec NAME(stateGradient)(
  const CPUCellBackward *s, size_t n, size_t unit, size_t count, vec sum, size_t slots, int *isActive) {
  float *dh = s->dh + n * s->dhStride + unit;
  vec gradient = NAME(isCut)(s, n) ? (vec)0.0f : NAME(load)(dh, count) + sum;
  *isActive = NAME(isActive)(s->lengths, n, s->step);
  if (!*isActive) {
    NAME(store)(dh, gradient, count);
    for (size_t g = 0; g < slots; g++) NAME(store)(s->gates + n * s->gatesStride + g * s->hidden + unit, 0.0f, count);
    return gradient;
  }
  return s->dOutput ? gradient + NAME(load)(s->dOutput + n * s->dOutputStride + unit, count) : gradient;
}
