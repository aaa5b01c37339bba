// The LSTM (Hochreiter and Schmidhuber 1997; Gers 2000): gates i, f, g, o; c = f ⊙ c₋₁ + i ⊙ g; h = o ⊙ tanh c.
// Forward, a tile is ROWS × WIDTH units × 4 gates; backward ROWS × 2·WIDTH units.

PRODUCT(gateProduct, 4)
PRODUCT(unitProduct, 2)

kernel void lstmForward(OUTPUT(gates), INPUT(recurrent), const global float *panels, INPUT(biasIH), INPUT(biasHH),
                        INPUT(hBefore), INPUT(cBefore), OUTPUT(h), OUTPUT(c), OUTPUT(output), INDICES(lengths),
                        INDICES(resets), int flags, int step, int batch, int hidden) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1), unit = panel * WIDTH;
  int count = min(hidden - unit, WIDTH);
  SUMS(sum, 4);
  if (flags & FUSED) {
    TILE_ROWS(rows, hBefore, 0);
    gateProduct(sum, rows, panels + (long)panel * hidden * 4 * WIDTH, hidden);
  }
  FINISHED(done, sum, 4);
  floatv bias[4];
  for (int gate = 0; gate < 4; gate++) bias[gate] = BIAS(biasIH, BIAS_IH, gate) + BIAS(biasHH, BIAS_HH, gate);
  for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++) {
    floatv before = loadPart(ROW(cBefore, row) + unit, count);
    if (ENDED(row, step)) {
      storePart(loadPart(ROW(hBefore, row) + unit, count), ROW(h, row) + unit, count);
      storePart(before, ROW(c, row) + unit, count);
      storePart(0, ROW(output, row) + unit, count);
      for (int gate = 0; gate < 4; gate++) storePart(0, ROW(gates, row) + gate * hidden + unit, count);
      continue;
    }
    global float *slots = ROW(gates, row) + unit;
    floatv x[4];
    for (int gate = 0; gate < 4; gate++) {
      floatv product = flags & FUSED ? done[r][gate] : loadPart(ROW(recurrent, row) + gate * hidden + unit, count);
      x[gate] = loadPart(slots + gate * hidden, count) + bias[gate];
      if (!RESET(row)) x[gate] += product;
    }
    floatv i = sigmoid(x[0]), f = sigmoid(x[1]), g = hyperbolicTangent(x[2]), o = sigmoid(x[3]);
    floatv cell = RESET(row) ? i * g : fma(f, before, i * g), y = o * hyperbolicTangent(cell);
    storePart(i, slots, count);
    storePart(f, slots + hidden, count);
    storePart(g, slots + 2 * hidden, count);
    storePart(o, slots + 3 * hidden, count);
    storePart(cell, ROW(c, row) + unit, count);
    storePart(y, ROW(h, row) + unit, count);
    if (flags & LENGTHS) storePart(y, ROW(output, row) + unit, count);
  }
}

kernel void lstmBackward(OUTPUT(gates), INPUT(readerGates), const global float *panels, OUTPUT(dh), OUTPUT(dc),
                         INPUT(dOutput), INPUT(cBefore), INPUT(c), INDICES(lengths), INDICES(resets), INDICES(cuts),
                         int flags, int step, int reader, int batch, int hidden) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1);
  SUMS(sum, 2);
  if (flags & FUSED) {
    TILE_ROWS(rows, readerGates, 0);
    unitProduct(sum, rows, panels + (long)panel * 4 * hidden * 2 * WIDTH, 4 * hidden);
  }
  FINISHED(done, sum, 2);
  for (int p = 0; p < 2; p++) {
    int unit = (panel * 2 + p) * WIDTH, count = min(hidden - unit, WIDTH);
    if (count <= 0) break;
    for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++) {
      global float *slots = ROW(gates, row) + unit;
      floatv gradient = loadPart(ROW(dh, row) + unit, count) + done[r][p];
      floatv cellGradient = loadPart(ROW(dc, row) + unit, count);
      if (CUT(row, reader)) gradient = cellGradient = 0;
      if (ENDED(row, step)) {
        for (int gate = 0; gate < 4; gate++) storePart(0, slots + gate * hidden, count);
        storePart(gradient, ROW(dh, row) + unit, count);
        storePart(cellGradient, ROW(dc, row) + unit, count);
        continue;
      }
      if (flags & D_OUTPUT) gradient += loadPart(ROW(dOutput, row) + unit, count);
      floatv i = loadPart(slots, count), f = loadPart(slots + hidden, count);
      floatv g = loadPart(slots + 2 * hidden, count), o = loadPart(slots + 3 * hidden, count);
      floatv before = loadPart(ROW(cBefore, row) + unit, count), t = hyperbolicTangent(loadPart(ROW(c, row) + unit, count));
      if (RESET(row)) before = 0;
      cellGradient = fma(gradient * o, 1 - t * t, cellGradient);
      storePart(cellGradient * g * i * (1 - i), slots, count);
      storePart(cellGradient * before * f * (1 - f), slots + hidden, count);
      storePart(cellGradient * i * (1 - g * g), slots + 2 * hidden, count);
      storePart(gradient * t * o * (1 - o), slots + 3 * hidden, count);
      storePart(0, ROW(dh, row) + unit, count);
      storePart(cellGradient * f, ROW(dc, row) + unit, count);
    }
  }
}
