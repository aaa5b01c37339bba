// Elman's cell (1990): h = activation(x W + b + h₋₁ U + b′). Tiles of 2 vectors of units; one slot, h and then its gradient
// before the activation.

#define ELMAN_FORWARD_READS(DO) DO(0, LOAD_SLOT(0))
#define ELMAN_FORWARD_WRITES(DO) DO(0, STORE_SLOT(value, 0))

#if !GRID_BARRIER || defined(NEEDS_elmanForward)
TILE_KERNEL elmanForward(FORWARD_OPERANDS, INPUT(u), int function) {
  BEGIN(2);
  RESIDENT_FORWARD(0, 2, 1, u);
  EACH_STEP_FORWARD {
    LATE_WRITES(2, 1);
    EACH_TILE(2) {
      EARLY_BIASES(2, 0, 1);
      EARLY_READS(2, 1, ELMAN_FORWARD_READS);
      SUMS(sum, 2);
      if (HAS_STATE) FORWARD_PRODUCT(0, unitProduct, 2, 1, h, before, 0, u);
      FINISHED(done, sum, 2);
      EACH_VECTOR(2) {
        BIASES(0, 1);
        EACH_ROW {
          if (!IS_ACTIVE(row, step)) {
            CARRY_STATE;
            WRITES(ELMAN_FORWARD_WRITES, NOTHING);
            continue;
          }
          READS(1, ELMAN_FORWARD_READS);
          floatv y = activation(function, read[0] + (inputBias[0] + stateBias[0]) + RECURRENT(p, 0));
          SET_STATE(y);
          WRITES(ELMAN_FORWARD_WRITES, y);
        }
      }
      WRITE_TILE(2, ELMAN_FORWARD_WRITES);
    }
    GRID_ARRIVE;
    WRITE_LAST_TILE(2, ELMAN_FORWARD_WRITES);
    GRID_WAIT;
  }
}
#endif

#define ELMAN_BACKWARD_READS(DO) DO(0, LOAD_SLOT(0)) DO(1, OUTPUT_GRADIENT) DO(2, LOAD(dh, 0))

#if !GRID_BARRIER || defined(NEEDS_elmanBackward)
TILE_KERNEL elmanBackward(BACKWARD_OPERANDS, INPUT(u), int function) {
  BEGIN(2);
  RESIDENT_BACKWARD(0, u, 0, hidden);
  EACH_STEP_BACKWARD {
    EACH_TILE(2) {
      EARLY_READS(2, 3, ELMAN_BACKWARD_READS);
      SUMS(sum, 2);
      if (flags & FUSED && HAS_READER)
        BACKWARD_PRODUCT(0, gates, READER * batch, 0, u, 0, hidden, hidden);
      FINISHED(done, sum, 2);
      EACH_VECTOR(2) EACH_ROW {
        READS(3, ELMAN_BACKWARD_READS);
        floatv gradient = STATE_GRADIENT(read[2], done[r][p]);
        if (!IS_ACTIVE(row, step)) {
          CARRY_GRADIENT(gradient, 1);
          continue;
        }
        gradient += read[1];
        STORE_SLOT(gradient * activationSlope(function, read[0]), 0);
        STORE(0, dh, 0);
      }
    }
    GRID_SYNC;
  }
}
#endif
