// The common part of the fused steps of all cells: products of a few rows with a panel, whose sums go from registers
// through a small tile to a cell's own function, row by row.
//
// Panels are those of `cpuCellPanel`. Where gates interleave, a row of the tile holds all gates of the same units.

typedef struct {
  const float *a, *panels;  // NULL panels: no product
  size_t aStride, depth;
} NAME(Factor);

// Rows whose sums are kept while a long product is taken block by block.
#define CHUNK_ROWS 96
// The depth of such a block: with as many rows of the left operand, it stays in the cache.
#define BLOCK 512

// Whether row n takes part in a step.
INLINE int NAME(isActive)(const int32_t *lengths, size_t n, int32_t step) { return !lengths || step < lengths[n]; }

// out = a · panel for rows `first` to `end`, at most as many as a tile has.
INLINE void NAME(tileProduct)(
  NAME(Factor) f, const float *panel, size_t vectors, size_t first, size_t end, float *out) {
  CPUMatrix a = {f.a + first * f.aStride, f.aStride, 1};
  NAME(product)(end - first, vectors, out, vectors * WIDTH, 0, a, panel, f.depth);
}

// out (+)= a · panel for `rows` rows from row `first` on, in tiles of about equal height.
INLINE void NAME(rowsProduct)(
  NAME(Factor) f, const float *panel, size_t vectors, size_t first, size_t rows, float *out, int adds) {
  size_t limit = NAME(rowLimit)[vectors], tiles = (rows + limit - 1) / limit, width = vectors * WIDTH;
  for (size_t k = 0; k < f.depth; k += BLOCK) {
    size_t depth = f.depth - k < BLOCK ? f.depth - k : BLOCK;
    for (size_t t = 0; t < tiles; t++) {
      size_t begin = rows * t / tiles, end = rows * (t + 1) / tiles;
      CPUMatrix a = {f.a + (first + begin) * f.aStride + k, f.aStride, 1};
      NAME(product)(end - begin, vectors, out + begin * width, width, adds || k > 0, a, panel + k * width, depth);
    }
  }
}

// The sums of a row's gates, `gateStride` floats apart.
typedef struct {
  const float *data;
  size_t gateStride;
} NAME(Sums);

INLINE vec NAME(gateSum)(NAME(Sums) sums, size_t gate, size_t count) {
  return NAME(load)(sums.data + gate * sums.gateStride, count);
}

INLINE vec NAME(gateBias)(const CPUCellForward *s, size_t slot, size_t unit, size_t count) {
  return NAME(load)(s->bias + slot * s->hidden + unit, count);
}

// A gate before its activation; `slot` is its slot in the reserve, `gate` its index in the sums.
INLINE vec NAME(preactivation)(
  const CPUCellForward *s, size_t slot, size_t unit, size_t count, NAME(Sums) input, NAME(Sums) recurrent,
  size_t gate) {
  return NAME(gateSum)(input, gate, count) + NAME(gateBias)(s, slot, unit, count) + NAME(gateSum)(recurrent, gate, count);
}

// Calls `finish` for rows × panels of a forward step: for each row and WIDTH units, with the sums of `gates` gates from
// gate `firstGate` on, of the input and the recurrent ones.
INLINE void NAME(forward)(
  const CPUCellForward *s, CPURange rows, CPURange panels, size_t firstGate, size_t gates, const float *a,
  size_t aStride,
  void (*finish)(const CPUCellForward *, size_t n, size_t unit, size_t count, NAME(Sums) input, NAME(Sums) recurrent)) {
  static const float zeros[PANEL_VECTORS * WIDTH];
  NAME(Factor) input = {s->x, s->inputWeights, s->xStride, s->inputs}, recurrent = {a, s->weights, aStride, s->hidden};
  int isZero = !s->weights && !s->recurrent;
  for (size_t p = panels.begin; p < panels.end; p++) {
    CPUPanel panel = cpuCellPanel(s->hidden, WIDTH, gates, p);
    size_t vectors = panel.vectors, width = vectors * WIDTH;
    size_t limit = NAME(rowLimit)[vectors], count = rows.end - rows.begin, tiles = (count + limit - 1) / limit;
    for (size_t t = 0; t < tiles; t++) {
      size_t first = rows.begin + count * t / tiles, end = rows.begin + count * (t + 1) / tiles;
      float inputs[MAXIMUM_ROWS * PANEL_VECTORS * WIDTH], recurrents[MAXIMUM_ROWS * PANEL_VECTORS * WIDTH];
      if (input.panels)
        NAME(tileProduct)(input, input.panels + panel.offset * input.depth, vectors, first, end, inputs);
      if (recurrent.panels)
        NAME(tileProduct)(recurrent, recurrent.panels + panel.offset * recurrent.depth, vectors, first, end, recurrents);
      for (size_t n = first; n < end; n++) {
        NAME(Sums) x = {inputs + (n - first) * width, WIDTH}, sums = {recurrents + (n - first) * width, WIDTH};
        if (!input.panels)
          x = (NAME(Sums)){s->gates + n * s->gatesStride + firstGate * s->hidden + panel.first, s->hidden};
        if (!recurrent.panels && s->recurrent)
          sums = (NAME(Sums)){s->recurrent + n * s->recurrentStride + panel.first, s->hidden};
        if (isZero || (s->resets && s->resets[n])) sums = (NAME(Sums)){zeros, 0};
        EACH_VECTOR(i, units, panel.columns) {
          size_t unit = panel.first + i;
          if (units == WIDTH) {
            finish(s, n, unit, WIDTH, x, sums);
          } else {
            finish(s, n, unit, units, x, sums);
          }
          x.data += WIDTH;
          sums.data += WIDTH;
        }
      }
    }
  }
}

// Calls `finish` for rows × unit panels of a backward step, with Σ of up to two products.
INLINE void NAME(backward)(
  const CPUCellBackward *s, CPURange rows, CPURange panels, size_t depth, NAME(Factor) one, NAME(Factor) two,
  void (*finish)(const CPUCellBackward *, size_t n, size_t unit, size_t count, vec sum)) {
  for (size_t p = panels.begin; p < panels.end; p++) {
    CPUPanel panel = cpuCellPanel(s->hidden, WIDTH, 1, p);
    size_t width = panel.vectors * WIDTH;
    for (size_t first = rows.begin; first < rows.end; first += CHUNK_ROWS) {
      size_t count = rows.end - first < CHUNK_ROWS ? rows.end - first : CHUNK_ROWS;
      float sums[CHUNK_ROWS * PANEL_VECTORS * WIDTH];
      if (one.panels) NAME(rowsProduct)(one, one.panels + panel.offset * depth, panel.vectors, first, count, sums, 0);
      if (two.panels)
        NAME(rowsProduct)(
          two, two.panels + panel.offset * depth + one.depth * width, panel.vectors, first, count, sums, 1);
      for (size_t n = first; n < first + count; n++)
        EACH_VECTOR(i, count, panel.columns) {
          vec sum = one.panels ? NAME(load)(sums + (n - first) * width + i, WIDTH) : 0;
          if (count == WIDTH) {
            finish(s, n, panel.first + i, WIDTH, sum);
          } else {
            finish(s, n, panel.first + i, count, sum);
          }
        }
    }
  }
}

// The state of a row before the step: 0 if it was reset.
INLINE vec NAME(stateBefore)(
  const float *before, size_t stride, const int32_t *resets, size_t n, size_t unit, size_t count) {
  return resets && resets[n] ? (vec)0.0f : NAME(load)(before + n * stride + unit, count);
}

// Finishes a forward step in an active row.
INLINE void NAME(setState)(const CPUCellForward *s, size_t n, size_t unit, size_t count, vec h) {
  NAME(store)(s->h + n * s->hStride + unit, h, count);
  if (s->output) NAME(store)(s->output + n * s->outputStride + unit, h, count);
}

// Finishes a forward step in a row past its length: the state is carried, the output and the reserve are 0.
INLINE void NAME(carryState)(const CPUCellForward *s, size_t n, size_t unit, size_t count, size_t slots) {
  NAME(store)(s->h + n * s->hStride + unit, NAME(load)(s->hBefore + n * s->hStride + unit, count), count);
  if (s->c) NAME(store)(s->c + n * s->cStride + unit, NAME(load)(s->cBefore + n * s->cStride + unit, count), count);
  if (s->output) NAME(store)(s->output + n * s->outputStride + unit, 0.0f, count);
  for (size_t g = 0; g < slots; g++) NAME(store)(s->gates + n * s->gatesStride + g * s->hidden + unit, 0.0f, count);
}

// Whether row n was reset before the reader of its state, so that no gradient comes back from it.
INLINE int NAME(isCut)(const CPUCellBackward *s, size_t n) {
  return s->cuts && s->cuts[n] && NAME(isActive)(s->lengths, n, s->reader);
}

// The gradient of the state without that of the output. In a row past its length it is carried, and the gates' are 0.
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
