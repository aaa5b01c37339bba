// The GRU (Cho et al. 2014): gates r, z, n; h = (1 − z) ⊙ n + z ⊙ h₋₁; slot 3 is extra.
//   reset after:  n = tanh(x W_n + b_n + r ⊙ extra), extra = h₋₁ U_n + b′_n: one product a step;
//   reset before: n = tanh(x W_n + b_n + extra U_n + b′_n), extra = r ⊙ h₋₁: two products, and so two phases, a step.
// Tiles have 3 vectors, the gates of one vector of units; 2 for r and z alone; 2 vectors of units elsewhere.

PRODUCT(gateProduct, 3)

TILE_KERNEL gruResetAfterForward(FORWARD_OPERANDS, INPUT(u)) {
  BEGIN(3);
  RESIDENT_FORWARD(0, 3, 3, u);
  EACH_STEP_FORWARD {
    EACH_TILE(1) {
      SUMS(sum, 3);
      if (flags & FUSED) FORWARD_PRODUCT(0, gateProduct, 3, 3, h, before, 0, u);
      FINISHED(done, sum, 3);
      EACH_VECTOR(1) {
        floatv input[3], state[3];
        EACH_GATE(3) {
          input[gate] = BIAS_OF_INPUT(gate);
          state[gate] = BIAS_OF_STATE(gate);
        }
        EACH_ROW {
          if (!IS_ACTIVE(row, step)) {
            CARRY_STATE;
            CLEAR_SLOTS(4);
            continue;
          }
          floatv x[3], s[3];
          EACH_GATE(3) {
            x[gate] = LOAD_SLOT(gate) + input[gate];
            s[gate] = RECURRENT(gate, gate) + state[gate];
          }
          floatv reset = sigmoid(x[0] + s[0]), z = sigmoid(x[1] + s[1]), n = hyperbolicTangent(fma(reset, s[2], x[2]));
          floatv y = fma(z, STATE_BEFORE(h) - n, n);
          STORE_SLOT(reset, 0);
          STORE_SLOT(z, 1);
          STORE_SLOT(n, 2);
          STORE_SLOT(s[2], 3);
          SET_STATE(y);
        }
      }
    }
    GRID_SYNC;
  }
}

TILE_KERNEL gruResetAfterBackward(BACKWARD_OPERANDS, INPUT(u)) {
  BEGIN(2);
  RESIDENT_BACKWARD(0, u, 0, 2 * hidden);
  RESIDENT_BACKWARD(1, u, 2 * hidden, hidden);
  EACH_STEP_BACKWARD {
    EACH_TILE(2) {
      SUMS(sum, 2);
      if (flags & FUSED && HAS_READER) {
        // U's rows of n are multiplied by r ⊙ dn, which is in slot 3.
        BACKWARD_PRODUCT(0, gates, READER * batch, 0, u, 0, 3 * hidden, 2 * hidden);
        BACKWARD_PRODUCT(1, gates, READER * batch, 3 * hidden, u, 2 * hidden, 3 * hidden, hidden);
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
        STORE_SLOT(gradient * (STATE_BEFORE(h) - n) * z * (1 - z), 1);
        STORE_SLOT(dn, 2);
        STORE_SLOT(reset * dn, 3);
        STORE(gradient * z, dh, 0);
      }
    }
    GRID_SYNC;
  }
}

// First r, z and extra = r ⊙ h₋₁ of all units, then n and h. `u` is U's rows of r and z, `v` those of n.
TILE_KERNEL gruResetBeforeForward(FORWARD_OPERANDS, INPUT(u), INPUT(v)) {
  BEGIN(2);
  RESIDENT_FORWARD(0, 2, 2, u);
  RESIDENT_FORWARD(1, 2, 1, v);
  EACH_STEP_FORWARD {
    if (flags & FIRST) EACH_TILE(1) {
        SUMS(sum, 2);
        if (flags & FUSED) FORWARD_PRODUCT(0, unitProduct, 2, 2, h, before, 0, u);
        FINISHED(done, sum, 2);
        EACH_VECTOR(1) {
          floatv bias[2];
          EACH_GATE(2) bias[gate] = BIAS_OF_INPUT(gate) + BIAS_OF_STATE(gate);
          EACH_ROW {
            if (!IS_ACTIVE(row, step)) {
              CLEAR_SLOTS(4);
              continue;
            }
            floatv y[2];
            EACH_GATE(2) {
              y[gate] = sigmoid(LOAD_SLOT(gate) + bias[gate] + RECURRENT(gate, gate));
              STORE_SLOT(y[gate], gate);
            }
            STORE_SLOT(y[0] * STATE_BEFORE(h), 3);
          }
        }
      }
    GRID_SYNC;
    if (flags & SECOND) EACH_TILE(2) {
        SUMS(sum, 2);
        if (flags & FUSED) FORWARD_PRODUCT(1, unitProduct, 2, 1, gates, now, 3 * hidden, v);
        FINISHED(done, sum, 2);
        EACH_VECTOR(2) {
          floatv bias = BIAS_OF_INPUT(2) + BIAS_OF_STATE(2);
          EACH_ROW {
            if (!IS_ACTIVE(row, step)) {
              CARRY_STATE;
              continue;
            }
            floatv z = LOAD_SLOT(1), n = hyperbolicTangent(LOAD_SLOT(2) + bias + RECURRENT(p, 2));
            floatv y = fma(z, STATE_BEFORE(h) - n, n);
            STORE_SLOT(n, 2);
            SET_STATE(y);
          }
        }
      }
    GRID_SYNC;
  }
}

// First dn, dz and dh ⊙ z, then dr, and the gradient that goes through r ⊙ h₋₁ added to dh.
TILE_KERNEL gruResetBeforeBackward(BACKWARD_OPERANDS, INPUT(u), INPUT(v)) {
  BEGIN(2);
  RESIDENT_BACKWARD(0, u, 0, 2 * hidden);
  RESIDENT_BACKWARD(1, v, 0, hidden);
  EACH_STEP_BACKWARD {
    if (flags & FIRST) EACH_TILE(2) {
        SUMS(sum, 2);
        if (flags & FUSED && HAS_READER)
          BACKWARD_PRODUCT(0, gates, READER * batch, 0, u, 0, 2 * hidden, 2 * hidden);
        FINISHED(done, sum, 2);
        EACH_VECTOR(2) EACH_ROW {
          floatv gradient = STATE_GRADIENT(dh, done[r][p]);
          if (!IS_ACTIVE(row, step)) {
            CARRY_GRADIENT(gradient, 4);
            continue;
          }
          gradient += OUTPUT_GRADIENT;
          floatv z = LOAD_SLOT(1), n = LOAD_SLOT(2);
          STORE_SLOT(gradient * (STATE_BEFORE(h) - n) * z * (1 - z), 1);
          STORE_SLOT(gradient * (1 - z) * (1 - n * n), 2);
          STORE(gradient * z, dh, 0);
        }
      }
    GRID_SYNC;
    if (flags & SECOND) EACH_TILE(2) {
        SUMS(sum, 2);
        if (flags & FUSED) BACKWARD_PRODUCT(1, gates, now, 2 * hidden, v, 0, hidden, hidden);
        FINISHED(done, sum, 2);
        EACH_VECTOR(2) EACH_ROW {
          if (!IS_ACTIVE(row, step)) continue;
          floatv product = (flags & FUSED) ? done[r][p] : LOAD(recurrent, 0), reset = LOAD_SLOT(0);
          STORE_SLOT(product * STATE_BEFORE(h) * reset * (1 - reset), 0);
          STORE(LOAD(dh, 0) + product * reset, dh, 0);
        }
      }
    GRID_SYNC;
  }
}
