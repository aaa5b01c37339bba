// Elman's cell (1990): h = activation(x W + b + h₋₁ U + b′). Tiles of ROWS × 2·WIDTH units; one slot, h and then its
// gradient before the activation.

PRODUCT(unitProduct, 2)

kernel void elmanForward(OUTPUT(gates), INPUT(recurrent), const global float *panels, INPUT(biasIH), INPUT(biasHH),
                         INPUT(hBefore), OUTPUT(h), OUTPUT(output), INDICES(lengths), INDICES(resets), int flags,
                         int step, int batch, int hidden, int function) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1);
  SUMS(sum, 2);
  if (flags & FUSED) {
    TILE_ROWS(rows, hBefore, 0);
    unitProduct(sum, rows, panels + (long)panel * hidden * 2 * WIDTH, hidden);
  }
  FINISHED(done, sum, 2);
  for (int p = 0; p < 2; p++) {
    int unit = (panel * 2 + p) * WIDTH, count = min(hidden - unit, WIDTH);
    if (count <= 0) break;
    floatv bias = BIAS(biasIH, BIAS_IH, 0) + BIAS(biasHH, BIAS_HH, 0);
    for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++) {
      if (ENDED(row, step)) {
        storePart(loadPart(ROW(hBefore, row) + unit, count), ROW(h, row) + unit, count);
        storePart(0, ROW(output, row) + unit, count);
        storePart(0, ROW(gates, row) + unit, count);
        continue;
      }
      floatv product = flags & FUSED ? done[r][p] : loadPart(ROW(recurrent, row) + unit, count);
      floatv x = loadPart(ROW(gates, row) + unit, count) + bias;
      floatv y = activation(function, RESET(row) ? x : x + product);
      storePart(y, ROW(gates, row) + unit, count);
      storePart(y, ROW(h, row) + unit, count);
      if (flags & LENGTHS) storePart(y, ROW(output, row) + unit, count);
    }
  }
}

kernel void elmanBackward(OUTPUT(gates), INPUT(readerGates), const global float *panels, OUTPUT(dh), INPUT(dOutput),
                          INDICES(lengths), INDICES(cuts), int flags, int step, int reader, int batch, int hidden,
                          int function) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1);
  SUMS(sum, 2);
  if (flags & FUSED) {
    TILE_ROWS(rows, readerGates, 0);
    unitProduct(sum, rows, panels + (long)panel * hidden * 2 * WIDTH, hidden);
  }
  FINISHED(done, sum, 2);
  for (int p = 0; p < 2; p++) {
    int unit = (panel * 2 + p) * WIDTH, count = min(hidden - unit, WIDTH);
    if (count <= 0) break;
    for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++) {
      floatv gradient = loadPart(ROW(dh, row) + unit, count) + done[r][p];
      if (CUT(row, reader)) gradient = 0;
      bool ended = ENDED(row, step);
      if (!ended && (flags & D_OUTPUT)) gradient += loadPart(ROW(dOutput, row) + unit, count);
      floatv slope = activationSlope(function, loadPart(ROW(gates, row) + unit, count));
      storePart(ended ? (floatv)(0) : gradient * slope, ROW(gates, row) + unit, count);
      storePart(ended ? gradient : (floatv)(0), ROW(dh, row) + unit, count);
    }
  }
}
