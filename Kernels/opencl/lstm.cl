// The LSTM (Hochreiter and Schmidhuber 1997; Gers 2000): gates i, f, g, o; c = f ⊙ c₋₁ + i ⊙ g; h = o ⊙ tanh c.
// Forward, a tile has 4 vectors, the gates of one vector of units; backward 2 vectors of units.

PRODUCT(gateProduct, 4)

TILE_KERNEL lstmForward(FORWARD_OPERANDS, INPUT(u), OUTPUT(c)) {
  BEGIN(4);
  RESIDENT_FORWARD(0, 4, 4, u);
  EACH_STEP_FORWARD {
    EACH_TILE(1) {
      SUMS(sum, 4);
      if (flags & FUSED) FORWARD_PRODUCT(0, gateProduct, 4, 4, h, before, 0, u);
      FINISHED(done, sum, 4);
      EACH_VECTOR(1) {
        floatv bias[4];
        EACH_GATE(4) bias[gate] = BIAS_OF_INPUT(gate) + BIAS_OF_STATE(gate);
        EACH_ROW {
          if (!IS_ACTIVE(row, step)) {
            CARRY_STATE;
            STORE(LOAD(c, before), c, after);
            CLEAR_SLOTS(4);
            continue;
          }
          floatv x[4];
          EACH_GATE(4) x[gate] = LOAD_SLOT(gate) + bias[gate] + RECURRENT(gate, gate);
          floatv i = sigmoid(x[0]), f = sigmoid(x[1]), g = hyperbolicTangent(x[2]), o = sigmoid(x[3]);
          floatv cell = fma(f, STATE_BEFORE(c), i * g), y = o * hyperbolicTangent(cell);
          STORE_SLOT(i, 0);
          STORE_SLOT(f, 1);
          STORE_SLOT(g, 2);
          STORE_SLOT(o, 3);
          STORE(cell, c, after);
          SET_STATE(y);
        }
      }
    }
    GRID_SYNC;
  }
}

TILE_KERNEL lstmBackward(BACKWARD_OPERANDS, INPUT(u), OUTPUT(dc), INPUT(c)) {
  BEGIN(2);
  RESIDENT_BACKWARD(0, u, 0, 4 * hidden);
  EACH_STEP_BACKWARD {
    EACH_TILE(2) {
      SUMS(sum, 2);
      if (flags & FUSED && HAS_READER)
        BACKWARD_PRODUCT(0, gates, READER * batch, 0, u, 0, 4 * hidden, 4 * hidden);
      FINISHED(done, sum, 2);
      EACH_VECTOR(2) EACH_ROW {
        floatv gradient = STATE_GRADIENT(dh, done[r][p]), cellGradient = STATE_GRADIENT(dc, 0);
        if (!IS_ACTIVE(row, step)) {
          CARRY_GRADIENT(gradient, 4);
          STORE(cellGradient, dc, 0);
          continue;
        }
        gradient += OUTPUT_GRADIENT;
        floatv i = LOAD_SLOT(0), f = LOAD_SLOT(1), g = LOAD_SLOT(2), o = LOAD_SLOT(3);
        floatv state = STATE_BEFORE(c), t = hyperbolicTangent(LOAD(c, after));
        cellGradient = fma(gradient * o, 1 - t * t, cellGradient);
        STORE_SLOT(cellGradient * g * i * (1 - i), 0);
        STORE_SLOT(cellGradient * state * f * (1 - f), 1);
        STORE_SLOT(cellGradient * i * (1 - g * g), 2);
        STORE_SLOT(gradient * t * o * (1 - o), 3);
        STORE(0, dh, 0);
        STORE(cellGradient * f, dc, 0);
      }
    }
    GRID_SYNC;
  }
}
