// The GRU (Cho et al. 2014): gates r, z, n; h = (1 − z) ⊙ n + z ⊙ h₋₁; slot 3 is extra.
//   reset after:  n = tanh(x W_n + b_n + r ⊙ extra), extra = h₋₁ U_n + b′_n: one product a step;
//   reset before: n = tanh(x W_n + b_n + extra U_n + b′_n), extra = r ⊙ h₋₁: two products, and so two kernels, a step.
// Tiles are ROWS × WIDTH units × 3 gates, × 2 gates for r and z alone, and ROWS × 2·WIDTH units elsewhere.

PRODUCT(gateProduct, 3)

kernel void gruResetAfterForward(OUTPUT(gates), INPUT(recurrent), const global float *panels, INPUT(biasIH),
                                 INPUT(biasHH), INPUT(hBefore), OUTPUT(h), OUTPUT(output), INDICES(lengths),
                                 INDICES(resets), int flags, int step, int batch, int hidden) {
  TILE(gateProduct, 3, hBefore, 0, hidden);
  EACH_VECTOR(1) {
    floatv input[3], state[3];
    for (int gate = 0; gate < 3; gate++) {
      input[gate] = BIAS_OF_INPUT(gate);
      state[gate] = BIAS_OF_STATE(gate);
    }
    EACH_ROW {
      if (!IS_ACTIVE(row, step)) {
        CARRY_STATE;
        CLEAR_SLOTS(4);
        continue;
      }
      floatv x[3], u[3];
      for (int gate = 0; gate < 3; gate++) {
        x[gate] = LOAD_SLOT(gate) + input[gate];
        u[gate] = RECURRENT(gate, gate) + state[gate];
      }
      floatv reset = sigmoid(x[0] + u[0]), z = sigmoid(x[1] + u[1]), n = hyperbolicTangent(fma(reset, u[2], x[2]));
      floatv y = fma(z, STATE_BEFORE(hBefore) - n, n);
      STORE_SLOT(reset, 0);
      STORE_SLOT(z, 1);
      STORE_SLOT(n, 2);
      STORE_SLOT(u[2], 3);
      SET_STATE(y);
    }
  }
}

kernel void gruResetAfterBackward(OUTPUT(gates), INPUT(readerGates), const global float *panels, OUTPUT(dh),
                                  INPUT(dOutput), INPUT(hBefore), INDICES(lengths), INDICES(resets), INDICES(cuts),
                                  int flags, int step, int reader, int batch, int hidden) {
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1);
  SUMS(sum, 2);
  if (flags & FUSED) {
    // U's rows of n take r ⊙ dn, which lies in slot 3.
    const global float *b = panels + (long)panel * 3 * hidden * 2 * WIDTH;
    TILE_ROWS(rz, readerGates, 0);
    unitProduct(sum, rz, b, 2 * hidden);
    TILE_ROWS(extra, readerGates, 3 * hidden);
    unitProduct(sum, extra, b + (long)2 * hidden * 2 * WIDTH, hidden);
  }
  FINISHED(done, sum, 2);
  EACH_VECTOR(2) EACH_ROW {
    floatv gradient = STATE_GRADIENT(dh, done[r][p]);
    if (!IS_ACTIVE(row, step)) {
      CARRY_GRADIENT(gradient, 4);
      continue;
    }
    gradient += OUTPUT_GRADIENT;
    floatv reset = LOAD_SLOT(0), z = LOAD_SLOT(1), n = LOAD_SLOT(2), extra = LOAD_SLOT(3);
    floatv dn = gradient * (1 - z) * (1 - n * n);
    STORE_SLOT(dn * extra * reset * (1 - reset), 0);
    STORE_SLOT(gradient * (STATE_BEFORE(hBefore) - n) * z * (1 - z), 1);
    STORE_SLOT(dn, 2);
    STORE_SLOT(reset * dn, 3);
    STORE(gradient * z, dh);
  }
}

// Reset before, forward, first: r, z and extra = r ⊙ h₋₁.
kernel void gruResetGatesForward(OUTPUT(gates), INPUT(recurrent), const global float *panels, INPUT(biasIH),
                                 INPUT(biasHH), INPUT(hBefore), INDICES(lengths), INDICES(resets), int flags, int step,
                                 int batch, int hidden) {
  TILE(unitProduct, 2, hBefore, 0, hidden);
  EACH_VECTOR(1) {
    floatv bias[2];
    for (int gate = 0; gate < 2; gate++) bias[gate] = BIAS_OF_INPUT(gate) + BIAS_OF_STATE(gate);
    EACH_ROW {
      if (!IS_ACTIVE(row, step)) {
        CLEAR_SLOTS(4);
        continue;
      }
      floatv y[2];
      for (int gate = 0; gate < 2; gate++) {
        y[gate] = sigmoid(LOAD_SLOT(gate) + bias[gate] + RECURRENT(gate, gate));
        STORE_SLOT(y[gate], gate);
      }
      STORE_SLOT(y[0] * STATE_BEFORE(hBefore), 3);
    }
  }
}

// Reset before, forward, second: n and h.
kernel void gruCandidateForward(OUTPUT(gates), INPUT(recurrent), const global float *panels, INPUT(biasIH),
                                INPUT(biasHH), INPUT(hBefore), OUTPUT(h), OUTPUT(output), INDICES(lengths),
                                INDICES(resets), int flags, int step, int batch, int hidden) {
  TILE(unitProduct, 2, gates, 3 * hidden, hidden);
  EACH_VECTOR(2) {
    floatv bias = BIAS_OF_INPUT(2) + BIAS_OF_STATE(2);
    EACH_ROW {
      if (!IS_ACTIVE(row, step)) {
        CARRY_STATE;
        continue;
      }
      floatv z = LOAD_SLOT(1), n = hyperbolicTangent(LOAD_SLOT(2) + bias + RECURRENT(p, 2));
      floatv y = fma(z, STATE_BEFORE(hBefore) - n, n);
      STORE_SLOT(n, 2);
      SET_STATE(y);
    }
  }
}

// Reset before, backward, first: dn, dz, and dh ⊙ z.
kernel void gruCandidateBackward(OUTPUT(gates), INPUT(readerGates), const global float *panels, OUTPUT(dh),
                                 INPUT(dOutput), INPUT(hBefore), INDICES(lengths), INDICES(resets), INDICES(cuts),
                                 int flags, int step, int reader, int batch, int hidden) {
  TILE(unitProduct, 2, readerGates, 0, 2 * hidden);
  EACH_VECTOR(2) EACH_ROW {
    floatv gradient = STATE_GRADIENT(dh, done[r][p]);
    if (!IS_ACTIVE(row, step)) {
      CARRY_GRADIENT(gradient, 4);
      continue;
    }
    gradient += OUTPUT_GRADIENT;
    floatv z = LOAD_SLOT(1), n = LOAD_SLOT(2);
    STORE_SLOT(gradient * (STATE_BEFORE(hBefore) - n) * z * (1 - z), 1);
    STORE_SLOT(gradient * (1 - z) * (1 - n * n), 2);
    STORE(gradient * z, dh);
  }
}

// Reset before, backward, second: dr, and the gradient that goes through r ⊙ h₋₁ added to dh.
kernel void gruResetGatesBackward(OUTPUT(gates), INPUT(recurrent), const global float *panels, OUTPUT(dh),
                                  INPUT(hBefore), INDICES(lengths), INDICES(resets), int flags, int step, int batch,
                                  int hidden) {
  TILE(unitProduct, 2, gates, 2 * hidden, hidden);
  EACH_VECTOR(2) EACH_ROW {
    if (!IS_ACTIVE(row, step)) continue;
    floatv product = (flags & FUSED) ? done[r][p] : LOAD(recurrent), reset = LOAD_SLOT(0);
    STORE_SLOT(product * STATE_BEFORE(hBefore) * reset * (1 - reset), 0);
    STORE(LOAD(dh) + product * reset, dh);
  }
}
