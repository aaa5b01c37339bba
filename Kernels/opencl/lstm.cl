// The LSTM (Hochreiter and Schmidhuber 1997; Gers 2000): gates i, f, g, o; c = f ⊙ c₋₁ + i ⊙ g; h = o ⊙ tanh c.
// Forward, a tile has 4 vectors, the gates of one vector of units; backward 2 vectors of units.

PRODUCT(gateProduct, 4)

#define LSTM_FORWARD_READS(DO)                                                                                             \
  DO(0, LOAD_SLOT(0)) DO(1, LOAD_SLOT(1)) DO(2, LOAD_SLOT(2)) DO(3, LOAD_SLOT(3)) DO(4, STATE_BEFORE(c))
#define LSTM_FORWARD_WRITES(DO)                                                                                            \
  DO(0, STORE_SLOT(value, 0)) DO(1, STORE_SLOT(value, 1)) DO(2, STORE_SLOT(value, 2)) DO(3, STORE_SLOT(value, 3))          \
  DO(4, STORE(value, c, after))

#if !GRID_BARRIER || defined(NEEDS_lstmForward)
TILE_KERNEL lstmForward(FORWARD_OPERANDS, INPUT(u), OUTPUT(c)) {
  BEGIN(4);
  RESIDENT_FORWARD(0, 4, 4, u);
  EACH_STEP_FORWARD {
    LATE_WRITES(1, 5);
    EACH_TILE(1) {
      EARLY_BIASES(1, 0, 4);
      EARLY_READS(1, 5, LSTM_FORWARD_READS);
      SUMS(sum, 4);
      if (HAS_STATE) FORWARD_PRODUCT(0, gateProduct, 4, 4, h, before, 0, u);
      FINISHED(done, sum, 4);
      EACH_VECTOR(1) {
        BIASES(0, 4);
        EACH_ROW {
          if (!IS_ACTIVE(row, step)) {
            CARRY_STATE;
            WRITES(LSTM_FORWARD_WRITES, NOTHING, NOTHING, NOTHING, NOTHING, LOAD(c, before));
            continue;
          }
          READS(5, LSTM_FORWARD_READS);
          floatv x[4];
          EACH_GATE(4) x[gate] = read[gate] + (inputBias[gate] + stateBias[gate]) + RECURRENT(gate, gate);
          floatv i = sigmoid(x[0]), f = sigmoid(x[1]), g = hyperbolicTangent(x[2]), o = sigmoid(x[3]);
          floatv cell = fma(f, read[4], i * g), y = o * hyperbolicTangent(cell);
          SET_STATE(y);
          WRITES(LSTM_FORWARD_WRITES, i, f, g, o, cell);
        }
      }
      WRITE_TILE(1, LSTM_FORWARD_WRITES);
    }
    GRID_ARRIVE;
    WRITE_LAST_TILE(1, LSTM_FORWARD_WRITES);
    GRID_WAIT;
  }
}
#endif

#define LSTM_BACKWARD_READS(DO)                                                                                            \
  DO(0, LOAD_SLOT(0)) DO(1, LOAD_SLOT(1)) DO(2, LOAD_SLOT(2)) DO(3, LOAD_SLOT(3)) DO(4, STATE_BEFORE(c))                   \
  DO(5, LOAD(c, after)) DO(6, OUTPUT_GRADIENT) DO(7, LOAD(dh, 0)) DO(8, LOAD(dc, 0))

#if !GRID_BARRIER || defined(NEEDS_lstmBackward)
TILE_KERNEL lstmBackward(BACKWARD_OPERANDS, INPUT(u), OUTPUT(dc), INPUT(c)) {
  BEGIN(2);
  RESIDENT_BACKWARD(0, u, 0, 4 * hidden);
  EACH_STEP_BACKWARD {
    GATE_PRODUCTS;
    EACH_TILE(2) {
      EARLY_READS(2, 9, LSTM_BACKWARD_READS);
      SUMS(sum, 2);
      if (flags & FUSED && HAS_READER)
        BACKWARD_PRODUCT(0, gates, READER * batch, 0, u, 0, 4 * hidden, 4 * hidden);
      FINISHED(done, sum, 2);
      EACH_VECTOR(2) EACH_ROW {
        READS(9, LSTM_BACKWARD_READS);
        floatv gradient = STATE_GRADIENT(read[7], done[r][p]), cellGradient = STATE_GRADIENT(read[8], 0);
        if (!IS_ACTIVE(row, step)) {
          CARRY_GRADIENT(gradient, 4);
          STORE(cellGradient, dc, 0);
          continue;
        }
        gradient += read[6];
        floatv i = read[0], f = read[1], g = read[2], o = read[3], state = read[4], t = hyperbolicTangent(read[5]);
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
#endif
