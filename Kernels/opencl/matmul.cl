// C = scale · op(A) · op(B), in tiles of ROWS × 2·WIDTH, one work-item each.
//
// B is packed first into panels of 2·WIDTH columns, so that the inner loop reads one stream:
//
//        panel 0        panel 1                           packed: [panel, k, lane]
//   k ┌───────────┬───────────┬─ ─                        panel 0: k = 0 ▸ k = 1 ▸ … , panel 1: …
//   │ │ lanes →   │           │        columns past N are 0
//   ▼ └───────────┴───────────┴─ ─
//
// The panels of a cell's U interleave its gates: [panel, k, part, lane], part the gate, so that a tile ends with all gates of
// the same units. Row `part · partStep + panel · lanes + lane` of B's columns.

PRODUCT(tileProduct, 2)

#define PACKED_STEPS 64  // values of k that a work-item of packPanels copies

// dst[batch, panel, k, part, lane] = src[column · columnStep + k · kStep]. Dimensions: panel · parts, blocks of k, batch.
kernel void packPanels(const global float *src, long srcStart, long columnStep, long kStep, long batchStep,
                       global float *dst, int parts, int lanes, int partStep, int columns, int depth) {
  int panel = get_global_id(0) / parts, part = get_global_id(0) % parts;
  int from = get_global_id(1) * PACKED_STEPS, to = min(from + PACKED_STEPS, depth);
  int count = clamp(columns - panel * lanes, 0, lanes);
  src += srcStart + (long)get_global_id(2) * batchStep + (long)(part * partStep + panel * lanes) * columnStep;
  long panels = get_global_size(0) / parts;
  dst += (((long)get_global_id(2) * panels + panel) * depth * parts + part) * lanes;
  if (columnStep == 1 && count == lanes) {
    for (int k = from; k < to; k++)
      for (int lane = 0; lane < lanes; lane += WIDTH)
        VSTORE(VLOAD(src + k * kStep + lane), dst + (long)k * parts * lanes + lane);
  } else {
    for (int k = from; k < to; k++)
      for (int lane = 0; lane < lanes; lane++)
        dst[(long)k * parts * lanes + lane] = lane < count ? src[lane * columnStep + k * kStep] : 0;
  }
}

static inline void storeTile(floatv (*sum)[2], global float *c, long stride, int rows, int columns, float scale, int adds) {
  _Pragma("unroll") for (int r = 0; r < ROWS; r++) {
    _Pragma("unroll") for (int p = 0; p < 2; p++) {
      int count = columns - p * WIDTH;
      global float *place = c + r * stride + p * WIDTH;
      if (r < rows && count > 0) {
        floatv value = sum[r][p] * scale;
        storePart(adds ? value + loadPart(place, count) : value, place, count);
      }
    }
  }
}

// A long sum is taken in blocks of BLOCK values of k, so that its rounding errors stay small. The loop over the blocks does
// not unroll, so `total` may lie outside the registers while a block is summed.
#define BLOCK 256

#define ADD_BLOCK                                                                                                          \
  _Pragma("unroll") for (int r = 0; r < ROWS; r++) {                                                                       \
    _Pragma("unroll") for (int p = 0; p < 2; p++) total[r][p] += sum[r][p];                                                \
  }

// Dimensions: tiles of rows, panels, batch. `a` is [M, K].
kernel void matmul(INPUT(a), long aBatch, const global float *panels, long panelBatch, OUTPUT(c), long cBatch, int m,
                   int n, int depth, float scale, int adds) {
  int row = get_global_id(0) * ROWS, panel = get_global_id(1), batch = get_global_id(2);
  const global float *b = panels + batch * panelBatch + (long)panel * depth * 2 * WIDTH;
  const global float *rows[ROWS];
  floatv total[ROWS][2], sum[ROWS][2];
  _Pragma("unroll") for (int r = 0; r < ROWS; r++) {
    rows[r] = ROW(a, min(row + r, m - 1)) + batch * aBatch;
    total[r][0] = total[r][1] = 0;
  }
  for (int from = 0; from < depth; from += BLOCK) {
    _Pragma("unroll") for (int r = 0; r < ROWS; r++) sum[r][0] = sum[r][1] = 0;
    tileProduct(sum, rows, b + (long)from * 2 * WIDTH, min(BLOCK, depth - from));
    _Pragma("unroll") for (int r = 0; r < ROWS; r++) rows[r] += BLOCK;
    ADD_BLOCK
  }
  storeTile(total, ROW(c, row) + batch * cBatch + panel * 2 * WIDTH, cStride, m - row, n - panel * 2 * WIDTH, scale, adds);
}

// The product of a tile whose rows lie side by side in `a`; none is read past `last`.
static inline void transposedProduct(floatv (*sum)[2], const global float *a, long stride, const global float *b, int count,
                              int last) {
  for (int k = 0; k < count; k++, a += stride, b += 2 * WIDTH) {
    floatv right0 = VLOAD(b), right1 = VLOAD(b + WIDTH);
    _Pragma("unroll") for (int r = 0; r < ROWS; r++) {
      floatv left = a[min(r, last)];
      sum[r][0] = fma(left, right0, sum[r][0]);
      sum[r][1] = fma(left, right1, sum[r][1]);
    }
  }
}

// The same where `a` is [K, M] and used transposed. (With a constant `last` the addresses are constant offsets.)
kernel void matmulTransposed(INPUT(a), long aBatch, const global float *panels, long panelBatch, OUTPUT(c), long cBatch,
                             int m, int n, int depth, float scale, int adds) {
  int row = get_global_id(0) * ROWS, panel = get_global_id(1), batch = get_global_id(2);
  const global float *left = a + aStart + batch * aBatch + row;
  const global float *b = panels + batch * panelBatch + (long)panel * depth * 2 * WIDTH;
  floatv total[ROWS][2], sum[ROWS][2];
  int last = min(ROWS, m - row) - 1;
  _Pragma("unroll") for (int r = 0; r < ROWS; r++) total[r][0] = total[r][1] = 0;
  for (int from = 0; from < depth; from += BLOCK) {
    _Pragma("unroll") for (int r = 0; r < ROWS; r++) sum[r][0] = sum[r][1] = 0;
    int count = min(BLOCK, depth - from);
    if (last == ROWS - 1)
      transposedProduct(sum, left, aStride, b, count, ROWS - 1);
    else
      transposedProduct(sum, left, aStride, b, count, last);
    left += count * aStride;
    b += count * 2 * WIDTH;
    ADD_BLOCK
  }
  storeTile(total, ROW(c, row) + batch * cBatch + panel * 2 * WIDTH, cStride, m - row, n - panel * 2 * WIDTH, scale, adds);
}
