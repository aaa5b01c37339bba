// The GRU (Cho et al. 2014): gates r, z, n; h = (1 − z) ⊙ n + z ⊙ h₋₁; slot 3 is extra.
//   reset after:  n = tanh(x W_n + b_n + r ⊙ extra), extra = h₋₁ U_n + b′_n: one product a step;
//   reset before: n = tanh(x W_n + b_n + extra U_n + b′_n), extra = r ⊙ h₋₁: two products, and so two phases, a step.
// Tiles have 3 vectors, the gates of one vector of units; 2 for r and z alone; 2 vectors of units elsewhere.

PRODUCT(gateProduct, 3)

#define RESET_AFTER_FORWARD_READS(DO)                                                                                      \
  DO(0, LOAD_SLOT(0)) DO(1, LOAD_SLOT(1)) DO(2, LOAD_SLOT(2)) DO(3, STATE_BEFORE(h))
#define RESET_AFTER_FORWARD_WRITES(DO)                                                                                     \
  DO(0, STORE_SLOT(value, 0)) DO(1, STORE_SLOT(value, 1)) DO(2, STORE_SLOT(value, 2)) DO(3, STORE_SLOT(value, 3))

#if !GRID_BARRIER || defined(NEEDS_gruResetAfterForward)
TILE_KERNEL gruResetAfterForward(FORWARD_OPERANDS, INPUT(u)) {
  BEGIN(3);
  RESIDENT_FORWARD(0, 3, 3, u);
  EACH_STEP_FORWARD {
    LATE_WRITES(1, 4);
    EACH_TILE(1) {
      EARLY_BIASES(1, 0, 3);
      EARLY_READS(1, 4, RESET_AFTER_FORWARD_READS);
      SUMS(sum, 3);
      if (HAS_STATE) FORWARD_PRODUCT(0, gateProduct, 3, 3, h, before, 0, u);
      FINISHED(done, sum, 3);
      EACH_VECTOR(1) {
        BIASES(0, 3);
        EACH_ROW {
          if (!IS_ACTIVE(row, step)) {
            CARRY_STATE;
            WRITES(RESET_AFTER_FORWARD_WRITES, NOTHING, NOTHING, NOTHING, NOTHING);
            continue;
          }
          READS(4, RESET_AFTER_FORWARD_READS);
          floatv x[3], s[3];
          EACH_GATE(3) {
            x[gate] = read[gate] + inputBias[gate];
            s[gate] = RECURRENT(gate, gate) + stateBias[gate];
          }
          floatv reset = sigmoid(x[0] + s[0]), z = sigmoid(x[1] + s[1]), n = hyperbolicTangent(fma(reset, s[2], x[2]));
          floatv y = fma(z, read[3] - n, n);
          SET_STATE(y);
          WRITES(RESET_AFTER_FORWARD_WRITES, reset, z, n, s[2]);
        }
      }
      WRITE_TILE(1, RESET_AFTER_FORWARD_WRITES);
    }
    GRID_ARRIVE;
    WRITE_LAST_TILE(1, RESET_AFTER_FORWARD_WRITES);
    GRID_WAIT;
  }
}
#endif

#define RESET_AFTER_BACKWARD_READS(DO)                                                                                     \
  DO(0, LOAD_SLOT(0)) DO(1, LOAD_SLOT(1)) DO(2, LOAD_SLOT(2)) DO(3, LOAD_SLOT(3)) DO(4, STATE_BEFORE(h))                   \
  DO(5, OUTPUT_GRADIENT) DO(6, LOAD(dh, 0))

#if !GRID_BARRIER || defined(NEEDS_gruResetAfterBackward)
TILE_KERNEL gruResetAfterBackward(BACKWARD_OPERANDS, INPUT(u)) {
  BEGIN(2);
  RESIDENT_BACKWARD(0, u, 0, 2 * hidden);
  RESIDENT_BACKWARD(1, u, 2 * hidden, hidden);
  EACH_STEP_BACKWARD {
    GATE_PRODUCTS;
    EACH_TILE(2) {
      EARLY_READS(2, 7, RESET_AFTER_BACKWARD_READS);
      SUMS(sum, 2);
      if (flags & FUSED && HAS_READER) {
        // U's rows of n are multiplied by r ⊙ dn, which is in slot 3.
        BACKWARD_PRODUCT(0, gates, READER * batch, 0, u, 0, 3 * hidden, 2 * hidden);
        BACKWARD_PRODUCT(1, gates, READER * batch, 3 * hidden, u, 2 * hidden, 3 * hidden, hidden);
      }
      FINISHED(done, sum, 2);
      EACH_VECTOR(2) EACH_ROW {
        READS(7, RESET_AFTER_BACKWARD_READS);
        floatv gradient = STATE_GRADIENT(read[6], done[r][p]);
        if (!IS_ACTIVE(row, step)) {
          CARRY_GRADIENT(gradient, 4);
          continue;
        }
        gradient += read[5];
        floatv reset = read[0], z = read[1], n = read[2], extra = read[3];
        floatv dn = gradient * (1 - z) * (1 - n * n);
        STORE_SLOT(dn * extra * reset * (1 - reset), 0);
        STORE_SLOT(gradient * (read[4] - n) * z * (1 - z), 1);
        STORE_SLOT(dn, 2);
        STORE_SLOT(reset * dn, 3);
        STORE(gradient * z, dh, 0);
      }
    }
    GRID_SYNC;
  }
}
#endif

#define GATES_FORWARD_READS(DO) DO(0, LOAD_SLOT(0)) DO(1, LOAD_SLOT(1)) DO(2, STATE_BEFORE(h))
#define STATE_FORWARD_READS(DO) DO(0, LOAD_SLOT(1)) DO(1, LOAD_SLOT(2)) DO(2, STATE_BEFORE(h))

// First r, z and extra = r ⊙ h₋₁ of all units, then n and h. `u` is U's rows of r and z, `v` those of n.
#if !GRID_BARRIER || defined(NEEDS_gruResetBeforeForward)
TILE_KERNEL gruResetBeforeForward(FORWARD_OPERANDS, INPUT(u), INPUT(v)) {
  BEGIN(2);
  RESIDENT_FORWARD(0, 2, 2, u);
  RESIDENT_FORWARD(1, 2, 1, v);
  EACH_STEP_FORWARD {
    if (flags & FIRST) EACH_TILE(1) {
        EARLY_BIASES(1, 0, 2);
        EARLY_READS(1, 3, GATES_FORWARD_READS);
        SUMS(sum, 2);
        if (HAS_STATE) FORWARD_PRODUCT(0, unitProduct, 2, 2, h, before, 0, u);
        FINISHED(done, sum, 2);
        EACH_VECTOR(1) {
          BIASES(0, 2);
          EACH_ROW {
            if (!IS_ACTIVE(row, step)) {
              CLEAR_SLOTS(4);
              continue;
            }
            READS(3, GATES_FORWARD_READS);
            floatv y[2];
            EACH_GATE(2) {
              y[gate] = sigmoid(read[gate] + (inputBias[gate] + stateBias[gate]) + RECURRENT(gate, gate));
              STORE_SLOT(y[gate], gate);
            }
            STORE_SLOT(y[0] * read[2], 3);
          }
        }
      }
    GRID_SYNC;
    if (flags & SECOND) EACH_TILE(2) {
        EARLY_BIASES(2, 2, 1);
        EARLY_READS(2, 3, STATE_FORWARD_READS);
        SUMS(sum, 2);
        if (HAS_STATE) FORWARD_PRODUCT(1, unitProduct, 2, 1, gates, now, 3 * hidden, v);
        FINISHED(done, sum, 2);
        EACH_VECTOR(2) {
          BIASES(2, 1);
          EACH_ROW {
            if (!IS_ACTIVE(row, step)) {
              CARRY_STATE;
              continue;
            }
            READS(3, STATE_FORWARD_READS);
            floatv n = hyperbolicTangent(read[1] + (inputBias[0] + stateBias[0]) + RECURRENT(p, 2));
            floatv y = fma(read[0], read[2] - n, n);
            SET_STATE(y);
            STORE_SLOT(n, 2);
          }
        }
      }
    GRID_SYNC;
  }
}
#endif

#define GATES_BACKWARD_READS(DO)                                                                                           \
  DO(0, LOAD_SLOT(1)) DO(1, LOAD_SLOT(2)) DO(2, STATE_BEFORE(h)) DO(3, OUTPUT_GRADIENT) DO(4, LOAD(dh, 0))
#define RESET_BACKWARD_READS(DO) DO(0, LOAD_SLOT(0)) DO(1, STATE_BEFORE(h)) DO(2, LOAD(dh, 0))

// First dn, dz and dh ⊙ z, then dr, and the gradient that goes through r ⊙ h₋₁ added to dh.
#if !GRID_BARRIER || defined(NEEDS_gruResetBeforeBackward)
TILE_KERNEL gruResetBeforeBackward(BACKWARD_OPERANDS, INPUT(u), INPUT(v)) {
  BEGIN(2);
  RESIDENT_BACKWARD(0, u, 0, 2 * hidden);
  RESIDENT_BACKWARD(1, v, 0, hidden);
  EACH_STEP_BACKWARD {
    if (flags & FIRST) EACH_TILE(2) {
        EARLY_READS(2, 5, GATES_BACKWARD_READS);
        SUMS(sum, 2);
        if (flags & FUSED && HAS_READER)
          BACKWARD_PRODUCT(0, gates, READER * batch, 0, u, 0, 2 * hidden, 2 * hidden);
        FINISHED(done, sum, 2);
        EACH_VECTOR(2) EACH_ROW {
          READS(5, GATES_BACKWARD_READS);
          floatv gradient = STATE_GRADIENT(read[4], done[r][p]);
          if (!IS_ACTIVE(row, step)) {
            CARRY_GRADIENT(gradient, 4);
            continue;
          }
          gradient += read[3];
          floatv z = read[0], n = read[1];
          STORE_SLOT(gradient * (read[2] - n) * z * (1 - z), 1);
          STORE_SLOT(gradient * (1 - z) * (1 - n * n), 2);
          STORE(gradient * z, dh, 0);
        }
      }
    GRID_SYNC;
    if (flags & SECOND) EACH_TILE(2) {
        EARLY_READS(2, 3, RESET_BACKWARD_READS);
        SUMS(sum, 2);
        if (flags & FUSED) BACKWARD_PRODUCT(1, gates, now, 2 * hidden, v, 0, hidden, hidden);
        FINISHED(done, sum, 2);
        EACH_VECTOR(2) EACH_ROW {
          if (!IS_ACTIVE(row, step)) continue;
          READS(3, RESET_BACKWARD_READS);
          floatv product = (flags & FUSED) ? done[r][p] : LOAD(recurrent, 0), reset = read[0];
          STORE_SLOT(product * read[1] * reset * (1 - reset), 0);
          STORE(read[2] + product * reset, dh, 0);
        }
      }
    GRID_SYNC;
  }
}
#endif
