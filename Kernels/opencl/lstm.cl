// The LSTM (Hochreiter and Schmidhuber 1997; Gers 2000): gates i, f, g, o; c = f ⊙ c₋₁ + i ⊙ g; h = o ⊙ tanh c.
// Forward, a tile is ROWS × WIDTH units × 4 gates; backward ROWS × 2·WIDTH units.

PRODUCT(gateProduct, 4)

kernel void lstmForward(OUTPUT(gates), INPUT(recurrent), const global float *panels, INPUT(biasIH), INPUT(biasHH),
                        INPUT(hBefore), INPUT(cBefore), OUTPUT(h), OUTPUT(c), OUTPUT(output), INDICES(lengths),
                        INDICES(resets), int flags, int step, int batch, int hidden) {
  TILE(gateProduct, 4, hBefore, 0, hidden);
  EACH_VECTOR(1) {
    floatv bias[4];
    for (int gate = 0; gate < 4; gate++) bias[gate] = BIAS_OF_INPUT(gate) + BIAS_OF_STATE(gate);
    EACH_ROW {
      if (!IS_ACTIVE(row, step)) {
        CARRY_STATE;
        STORE(LOAD(cBefore), c);
        CLEAR_SLOTS(4);
        continue;
      }
      floatv x[4];
      for (int gate = 0; gate < 4; gate++) x[gate] = LOAD_SLOT(gate) + bias[gate] + RECURRENT(gate, gate);
      floatv i = sigmoid(x[0]), f = sigmoid(x[1]), g = hyperbolicTangent(x[2]), o = sigmoid(x[3]);
      floatv cell = fma(f, STATE_BEFORE(cBefore), i * g), y = o * hyperbolicTangent(cell);
      STORE_SLOT(i, 0);
      STORE_SLOT(f, 1);
      STORE_SLOT(g, 2);
      STORE_SLOT(o, 3);
      STORE(cell, c);
      SET_STATE(y);
    }
  }
}

kernel void lstmBackward(OUTPUT(gates), INPUT(readerGates), const global float *panels, OUTPUT(dh), OUTPUT(dc),
                         INPUT(dOutput), INPUT(cBefore), INPUT(c), INDICES(lengths), INDICES(resets), INDICES(cuts),
                         int flags, int step, int reader, int batch, int hidden) {
  TILE(unitProduct, 2, readerGates, 0, 4 * hidden);
  EACH_VECTOR(2) EACH_ROW {
    floatv gradient = STATE_GRADIENT(dh, done[r][p]), cellGradient = STATE_GRADIENT(dc, 0);
    if (!IS_ACTIVE(row, step)) {
      CARRY_GRADIENT(gradient, 4);
      STORE(cellGradient, dc);
      continue;
    }
    gradient += OUTPUT_GRADIENT;
    floatv i = LOAD_SLOT(0), f = LOAD_SLOT(1), g = LOAD_SLOT(2), o = LOAD_SLOT(3);
    floatv before = STATE_BEFORE(cBefore), t = hyperbolicTangent(LOAD(c));
    cellGradient = fma(gradient * o, 1 - t * t, cellGradient);
    STORE_SLOT(cellGradient * g * i * (1 - i), 0);
    STORE_SLOT(cellGradient * before * f * (1 - f), 1);
    STORE_SLOT(cellGradient * i * (1 - g * g), 2);
    STORE_SLOT(gradient * t * o * (1 - o), 3);
    STORE(0, dh);
    STORE(cellGradient * f, dc);
  }
}
