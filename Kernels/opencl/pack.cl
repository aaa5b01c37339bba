// Packs operands of products into the order in which a wide tile reads them.

#define PACKED_STEPS 64  // values of k that a work-item of packPanels copies

// Transposes WIDTH rows of WIDTH floats: each round interleaves row i and row i + WIDTH / 2.
static inline void transpose(floatv *rows) {
  _Pragma("unroll") for (int round = 1; round < WIDTH; round *= 2) {
    floatv mixed[WIDTH];
    _Pragma("unroll") for (int i = 0; i < WIDTH / 2; i++) {
      mixed[2 * i].even = rows[i].lo;
      mixed[2 * i].odd = rows[i + WIDTH / 2].lo;
      mixed[2 * i + 1].even = rows[i].hi;
      mixed[2 * i + 1].odd = rows[i + WIDTH / 2].hi;
    }
    _Pragma("unroll") for (int i = 0; i < WIDTH; i++) rows[i] = mixed[i];
  }
}

// Packs an operand into panels of `lanes` columns, so that a product reads one stream:
//
//        panel 0        panel 1                           packed: [panel, k, part, lane]
//   k ┌───────────┬───────────┬─ ─                        panel 0: k = 0 ▸ k = 1 ▸ … , panel 1: …
//   │ │ lanes →   │           │        columns past the end are 0
//   ▼ └───────────┴───────────┴─ ─
//
// The panels of a cell's U interleave its gates: `part` is the gate, so that a tile ends with all gates of the same units.
// dst[batch, panel, k, part, lane] = src[(part · partStep + panel · lanes + lane) · columnStep + k · kStep].
// Dimensions: panel · parts, blocks of k, batch.
kernel void packPanels(const global float *src, long srcStart, long columnStep, long kStep, long batchStep,
                       global float *dst, int parts, int lanes, int partStep, int columns, int depth) {
  int panel = get_global_id(0) / parts, part = get_global_id(0) % parts, step = parts * lanes;
  int k = get_global_id(1) * PACKED_STEPS, to = min(k + PACKED_STEPS, depth);
  int count = clamp(columns - panel * lanes, 0, lanes), isWhole = count == lanes && lanes % WIDTH == 0;
  src += srcStart + (long)get_global_id(2) * batchStep + (long)(part * partStep + panel * lanes) * columnStep;
  long panels = get_global_size(0) / parts;
  dst += (((long)get_global_id(2) * panels + panel) * depth * parts + part) * lanes;
  if (isWhole && columnStep == 1) {
    for (; k < to; k++)
      for (int lane = 0; lane < lanes; lane += WIDTH) VSTORE(VLOAD(src + k * kStep + lane), dst + (long)k * step + lane);
  } else if (isWhole && kStep == 1) {
    for (; k + WIDTH <= to; k += WIDTH)
      for (int lane = 0; lane < lanes; lane += WIDTH) {
        floatv rows[WIDTH];
        _Pragma("unroll") for (int i = 0; i < WIDTH; i++) rows[i] = VLOAD(src + (lane + i) * columnStep + k);
        transpose(rows);
        _Pragma("unroll") for (int i = 0; i < WIDTH; i++) VSTORE(rows[i], dst + (long)(k + i) * step + lane);
      }
  }
  for (; k < to; k++)
    for (int lane = 0; lane < lanes; lane++)
      dst[(long)k * step + lane] = lane < count ? src[lane * columnStep + k * kStep] : 0;
}
