// Elman's cell (1990): h = activation(x W + b + h₋₁ U + b′). Tiles of 2 vectors of units; one slot, h and then its gradient
// before the activation.

#if !GRID_BARRIER || defined(NEEDS_elmanForward)
TILE_KERNEL elmanForward(FORWARD_OPERANDS, INPUT(u), int function) {
  BEGIN(2);
  RESIDENT_FORWARD(0, 2, 1, u);
  EACH_STEP_FORWARD {
    EACH_TILE(2) {
      SUMS(sum, 2);
      if (flags & FUSED) FORWARD_PRODUCT(0, unitProduct, 2, 1, h, before, 0, u);
      FINISHED(done, sum, 2);
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
    GRID_SYNC;
  }
}
#endif

#if !GRID_BARRIER || defined(NEEDS_elmanBackward)
TILE_KERNEL elmanBackward(BACKWARD_OPERANDS, INPUT(u), int function) {
  BEGIN(2);
  RESIDENT_BACKWARD(0, u, 0, hidden);
  EACH_STEP_BACKWARD {
    EACH_TILE(2) {
      SUMS(sum, 2);
      if (flags & FUSED && HAS_READER)
        BACKWARD_PRODUCT(0, gates, READER * batch, 0, u, 0, hidden, hidden);
      FINISHED(done, sum, 2);
      EACH_VECTOR(2) EACH_ROW {
        floatv gradient = STATE_GRADIENT(dh, done[r][p]);
        if (!IS_ACTIVE(row, step)) {
          CARRY_GRADIENT(gradient, 1);
          continue;
        }
        gradient += OUTPUT_GRADIENT;
        STORE_SLOT(gradient * activationSlope(function, LOAD_SLOT(0)), 0);
        STORE(0, dh, 0);
      }
    }
    GRID_SYNC;
  }
}
#endif
