// Elman's cell (1990): h = activation(x W + b + h₋₁ U + b′). Tiles of ROWS × 2·WIDTH units; one slot, h and then its
// gradient before the activation.

kernel void elmanForward(OUTPUT(gates), INPUT(recurrent), const global float *panels, INPUT(biasIH), INPUT(biasHH),
                         INPUT(hBefore), OUTPUT(h), OUTPUT(output), INDICES(lengths), INDICES(resets), int flags,
                         int step, int batch, int hidden, int function) {
  TILE(unitProduct, 2, hBefore, 0, hidden);
  EACH_VECTOR(2) {
    floatv bias = BIAS_OF_INPUT(0) + BIAS_OF_STATE(0);
    EACH_ROW {
      if (!IS_ACTIVE(row, step)) {
        CARRY_STATE;
        CLEAR_SLOTS(1);
        continue;
      }
      floatv y = activation(function, LOAD_SLOT(0) + bias + RECURRENT(p, 0));
      STORE_SLOT(y, 0);
      SET_STATE(y);
    }
  }
}

kernel void elmanBackward(OUTPUT(gates), INPUT(readerGates), const global float *panels, OUTPUT(dh), INPUT(dOutput),
                          INDICES(lengths), INDICES(cuts), int flags, int step, int reader, int batch, int hidden,
                          int function) {
  TILE(unitProduct, 2, readerGates, 0, hidden);
  EACH_VECTOR(2) EACH_ROW {
    floatv gradient = STATE_GRADIENT(dh, done[r][p]);
    if (!IS_ACTIVE(row, step)) {
      CARRY_GRADIENT(gradient, 1);
      continue;
    }
    gradient += OUTPUT_GRADIENT;
    STORE_SLOT(gradient * activationSlope(function, LOAD_SLOT(0)), 0);
    STORE(0, dh);
  }
}
