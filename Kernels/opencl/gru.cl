// The GRU (Cho et al. 2014): gates r, z, n; h = (1 − z) ⊙ n + z ⊙ h₋₁; slot 3 is extra.
//   reset after:  n = tanh(x W_n + b_n + r ⊙ extra), extra = h₋₁ U_n + b′_n: one product a step;
//   reset before: n = tanh(x W_n + b_n + extra U_n + b′_n), extra = r ⊙ h₋₁: two products, and so two kernels, a step.
// Tiles are ROWS × WIDTH units × 3 gates, × 2 gates for r and z alone, and ROWS × 2·WIDTH units elsewhere.

PRODUCT(gateProduct, 3)
PRODUCT(unitProduct, 2)

kernel void gruForward(OUTPUT(gates), INPUT(recurrent), const global float *panels, INPUT(biasIH), INPUT(biasHH),
                       INPUT(hBefore), OUTPUT(h), OUTPUT(output), INDICES(lengths), INDICES(resets), int flags,
                       int step, int batch, int hidden) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1), unit = panel * WIDTH;
  int count = min(hidden - unit, WIDTH);
  SUMS(sum, 3);
  if (flags & FUSED) {
    TILE_ROWS(rows, hBefore, 0);
    gateProduct(sum, rows, panels + (long)panel * hidden * 3 * WIDTH, hidden);
  }
  FINISHED(done, sum, 3);
  floatv input[3], state[3];
  for (int gate = 0; gate < 3; gate++) {
    input[gate] = BIAS(biasIH, BIAS_IH, gate);
    state[gate] = BIAS(biasHH, BIAS_HH, gate);
  }
  for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++) {
    global float *slots = ROW(gates, row) + unit;
    floatv before = loadPart(ROW(hBefore, row) + unit, count);
    if (ENDED(row, step)) {
      storePart(before, ROW(h, row) + unit, count);
      storePart(0, ROW(output, row) + unit, count);
      for (int slot = 0; slot < 4; slot++) storePart(0, slots + slot * hidden, count);
      continue;
    }
    floatv x[3], u[3];
    for (int gate = 0; gate < 3; gate++) {
      floatv product = flags & FUSED ? done[r][gate] : loadPart(ROW(recurrent, row) + gate * hidden + unit, count);
      x[gate] = loadPart(slots + gate * hidden, count) + input[gate];
      u[gate] = RESET(row) ? state[gate] : product + state[gate];
    }
    if (RESET(row)) before = 0;
    floatv reset = sigmoid(x[0] + u[0]), z = sigmoid(x[1] + u[1]), n = hyperbolicTangent(fma(reset, u[2], x[2]));
    floatv y = fma(z, before - n, n);
    storePart(reset, slots, count);
    storePart(z, slots + hidden, count);
    storePart(n, slots + 2 * hidden, count);
    storePart(u[2], slots + 3 * hidden, count);
    storePart(y, ROW(h, row) + unit, count);
    if (flags & LENGTHS) storePart(y, ROW(output, row) + unit, count);
  }
}

kernel void gruBackward(OUTPUT(gates), INPUT(readerGates), const global float *panels, OUTPUT(dh), INPUT(dOutput),
                        INPUT(hBefore), INDICES(lengths), INDICES(resets), INDICES(cuts), int flags, int step,
                        int reader, int batch, int hidden) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1);
  SUMS(sum, 2);
  if (flags & FUSED) {
    const global float *b = panels + (long)panel * 3 * hidden * 2 * WIDTH;
    TILE_ROWS(rz, readerGates, 0);
    unitProduct(sum, rz, b, 2 * hidden);
    TILE_ROWS(extra, readerGates, 3 * hidden);
    unitProduct(sum, extra, b + (long)2 * hidden * 2 * WIDTH, hidden);
  }
  FINISHED(done, sum, 2);
  for (int p = 0; p < 2; p++) {
    int unit = (panel * 2 + p) * WIDTH, count = min(hidden - unit, WIDTH);
    if (count <= 0) break;
    for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++) {
      global float *slots = ROW(gates, row) + unit;
      floatv gradient = loadPart(ROW(dh, row) + unit, count) + done[r][p];
      if (CUT(row, reader)) gradient = 0;
      if (ENDED(row, step)) {
        for (int slot = 0; slot < 4; slot++) storePart(0, slots + slot * hidden, count);
        storePart(gradient, ROW(dh, row) + unit, count);
        continue;
      }
      if (flags & D_OUTPUT) gradient += loadPart(ROW(dOutput, row) + unit, count);
      floatv reset = loadPart(slots, count), z = loadPart(slots + hidden, count);
      floatv n = loadPart(slots + 2 * hidden, count), extra = loadPart(slots + 3 * hidden, count);
      floatv before = RESET(row) ? (floatv)(0) : loadPart(ROW(hBefore, row) + unit, count);
      floatv dn = gradient * (1 - z) * (1 - n * n);
      storePart(dn * extra * reset * (1 - reset), slots, count);
      storePart(gradient * (before - n) * z * (1 - z), slots + hidden, count);
      storePart(dn, slots + 2 * hidden, count);
      storePart(reset * dn, slots + 3 * hidden, count);
      storePart(gradient * z, ROW(dh, row) + unit, count);
    }
  }
}

// Reset before, forward, first: r, z and extra = r ⊙ h₋₁.
kernel void gruResetGates(OUTPUT(gates), INPUT(recurrent), const global float *panels, INPUT(biasIH), INPUT(biasHH),
                          INPUT(hBefore), INDICES(lengths), INDICES(resets), int flags, int step, int batch,
                          int hidden) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1), unit = panel * WIDTH;
  int count = min(hidden - unit, WIDTH);
  SUMS(sum, 2);
  if (flags & FUSED) {
    TILE_ROWS(rows, hBefore, 0);
    unitProduct(sum, rows, panels + (long)panel * hidden * 2 * WIDTH, hidden);
  }
  FINISHED(done, sum, 2);
  floatv bias[2];
  for (int gate = 0; gate < 2; gate++) bias[gate] = BIAS(biasIH, BIAS_IH, gate) + BIAS(biasHH, BIAS_HH, gate);
  for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++) {
    global float *slots = ROW(gates, row) + unit;
    if (ENDED(row, step)) {
      for (int slot = 0; slot < 4; slot++) storePart(0, slots + slot * hidden, count);
      continue;
    }
    floatv y[2];
    for (int gate = 0; gate < 2; gate++) {
      floatv product = flags & FUSED ? done[r][gate] : loadPart(ROW(recurrent, row) + gate * hidden + unit, count);
      floatv x = loadPart(slots + gate * hidden, count) + bias[gate];
      y[gate] = sigmoid(RESET(row) ? x : x + product);
      storePart(y[gate], slots + gate * hidden, count);
    }
    floatv before = RESET(row) ? (floatv)(0) : loadPart(ROW(hBefore, row) + unit, count);
    storePart(y[0] * before, slots + 3 * hidden, count);
  }
}

// Reset before, forward, second: n and h.
kernel void gruCandidate(OUTPUT(gates), INPUT(recurrent), const global float *panels, INPUT(biasIH), INPUT(biasHH),
                         INPUT(hBefore), OUTPUT(h), OUTPUT(output), INDICES(lengths), INDICES(resets), int flags,
                         int step, int batch, int hidden) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1);
  SUMS(sum, 2);
  if (flags & FUSED) {
    TILE_ROWS(rows, gates, 3 * hidden);
    unitProduct(sum, rows, panels + (long)panel * hidden * 2 * WIDTH, hidden);
  }
  FINISHED(done, sum, 2);
  for (int p = 0; p < 2; p++) {
    int unit = (panel * 2 + p) * WIDTH, count = min(hidden - unit, WIDTH);
    if (count <= 0) break;
    floatv bias = BIAS(biasIH, BIAS_IH, 2) + BIAS(biasHH, BIAS_HH, 2);
    for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++) {
      global float *slots = ROW(gates, row) + unit;
      floatv before = loadPart(ROW(hBefore, row) + unit, count);
      if (ENDED(row, step)) {
        storePart(before, ROW(h, row) + unit, count);
        storePart(0, ROW(output, row) + unit, count);
        storePart(0, slots + 2 * hidden, count);
        continue;
      }
      if (RESET(row)) before = 0;
      floatv product = flags & FUSED ? done[r][p] : loadPart(ROW(recurrent, row) + 2 * hidden + unit, count);
      floatv x = loadPart(slots + 2 * hidden, count) + bias, z = loadPart(slots + hidden, count);
      floatv n = hyperbolicTangent(RESET(row) ? x : x + product), y = fma(z, before - n, n);
      storePart(n, slots + 2 * hidden, count);
      storePart(y, ROW(h, row) + unit, count);
      if (flags & LENGTHS) storePart(y, ROW(output, row) + unit, count);
    }
  }
}

// Reset before, backward, first: dn, dz, and dh ⊙ z.
kernel void gruCandidateBackward(OUTPUT(gates), INPUT(readerGates), const global float *panels, OUTPUT(dh),
                                 INPUT(dOutput), INPUT(hBefore), INDICES(lengths), INDICES(resets), INDICES(cuts),
                                 int flags, int step, int reader, int batch, int hidden) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1);
  SUMS(sum, 2);
  if (flags & FUSED) {
    TILE_ROWS(rows, readerGates, 0);
    unitProduct(sum, rows, panels + (long)panel * 2 * hidden * 2 * WIDTH, 2 * hidden);
  }
  FINISHED(done, sum, 2);
  for (int p = 0; p < 2; p++) {
    int unit = (panel * 2 + p) * WIDTH, count = min(hidden - unit, WIDTH);
    if (count <= 0) break;
    for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++) {
      global float *slots = ROW(gates, row) + unit;
      floatv gradient = loadPart(ROW(dh, row) + unit, count) + done[r][p];
      if (CUT(row, reader)) gradient = 0;
      if (ENDED(row, step)) {
        for (int slot = 0; slot < 4; slot++) storePart(0, slots + slot * hidden, count);
        storePart(gradient, ROW(dh, row) + unit, count);
        continue;
      }
      if (flags & D_OUTPUT) gradient += loadPart(ROW(dOutput, row) + unit, count);
      floatv z = loadPart(slots + hidden, count), n = loadPart(slots + 2 * hidden, count);
      floatv before = RESET(row) ? (floatv)(0) : loadPart(ROW(hBefore, row) + unit, count);
      storePart(gradient * (before - n) * z * (1 - z), slots + hidden, count);
      storePart(gradient * (1 - z) * (1 - n * n), slots + 2 * hidden, count);
      storePart(gradient * z, ROW(dh, row) + unit, count);
    }
  }
}

// Reset before, backward, second: dr, and the gradient that goes through r ⊙ h₋₁ added to dh.
kernel void gruResetGatesBackward(OUTPUT(gates), INPUT(recurrent), const global float *panels, OUTPUT(dh),
                                  INPUT(hBefore), INDICES(lengths), INDICES(resets), int flags, int step, int batch,
                                  int hidden) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1);
  SUMS(sum, 2);
  if (flags & FUSED) {
    TILE_ROWS(rows, gates, 2 * hidden);
    unitProduct(sum, rows, panels + (long)panel * hidden * 2 * WIDTH, hidden);
  }
  FINISHED(done, sum, 2);
  for (int p = 0; p < 2; p++) {
    int unit = (panel * 2 + p) * WIDTH, count = min(hidden - unit, WIDTH);
    if (count <= 0) break;
    for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++) {
      global float *slots = ROW(gates, row) + unit;
      if (ENDED(row, step)) {
        storePart(0, slots, count);
        continue;
      }
      floatv product = flags & FUSED ? done[r][p] : loadPart(ROW(recurrent, row) + unit, count);
      floatv reset = loadPart(slots, count);
      floatv before = RESET(row) ? (floatv)(0) : loadPart(ROW(hBefore, row) + unit, count);
      storePart(product * before * reset * (1 - reset), slots, count);
      storePart(loadPart(ROW(dh, row) + unit, count) + product * reset, ROW(dh, row) + unit, count);
    }
  }
}
