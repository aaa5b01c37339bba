// What the cells share. A kernel takes one time step of one tile: ROWS rows of the batch × some vectors of hidden units.
// Dimensions: tiles of rows, panels of units.
//
//              units ▸                          gates [N, S·H] of one step, slots side by side:
//   rows   ┌──────────┬──────────┐              ┌───────┬───────┬───────┬───────┐
//   ▾      │ a tile   │          │              │ i     │ f     │ g     │ o     │   LSTM
//          ├──────────┼──────────┤              │ r     │ z     │ n     │ extra │   GRU
//          │          │          │              └───────┴───────┴───────┴───────┘
//
// Where FUSED is set, a kernel starts with its tile of the recurrent product, from panels of U (see matmul.cl): forward of
// the state before, backward of the gates' gradients of the step that read this state. Where it is not, the caller has done
// the product, or there is none.

#define BIAS_IH 1
#define BIAS_HH 2
#define LENGTHS 4    // rows end at their lengths
#define RESETS 8     // rows whose state before counts as 0
#define CUTS 16      // backward: rows to which the reader sends nothing back, for it was reset
#define FUSED 32     // the recurrent product is done here
#define D_OUTPUT 64  // backward: the outputs have a gradient

// Whether a row takes part in a step, whether it was reset before this one, and whether the reader of its state was.
#define IS_ACTIVE(row, step) (!(flags & LENGTHS) || (step) < lengths[lengthsStart + (row)])
#define IS_RESET(row) ((flags & RESETS) && resets[resetsStart + (row)] != 0)
#define IS_CUT(row) ((flags & CUTS) && cuts[cutsStart + (row)] != 0 && IS_ACTIVE(row, reader))

// MARK: The product of a tile

PRODUCT(unitProduct, 2)

// All rows of a tile, those past the batch's end too, so that the loop unrolls.
#define ALL_ROWS _Pragma("unroll") for (int r = 0; r < ROWS; r++)

// Sums of a tile, 0 at first.
#define SUMS(sum, P)                                                                                                       \
  floatv sum[ROWS][P];                                                                                                     \
  ALL_ROWS _Pragma("unroll") for (int p = 0; p < P; p++) sum[r][p] = 0

// The tile's rows of an operand from a column on; past the batch's end its last row again, which nobody stores.
#define TILE_ROWS(rows, x, column)                                                                                         \
  const global float *rows[ROWS];                                                                                          \
  ALL_ROWS rows[r] = ROW(x, min(firstRow + r, batch - 1)) + (column)

// The sums, finished, where they can be indexed by a loop that does not unroll: registers cannot.
#define FINISHED(done, sum, P)                                                                                             \
  floatv done[ROWS][P];                                                                                                    \
  ALL_ROWS _Pragma("unroll") for (int p = 0; p < P; p++) done[r][p] = sum[r][p]

// What a kernel starts with: its place, and in `done` its tile of the product of x, from a column on, with U.
#define TILE(product, P, x, column, depth)                                                                                 \
  int firstRow = get_global_id(0) * ROWS, panel = get_global_id(1);                                                        \
  SUMS(sum, P);                                                                                                            \
  if (flags & FUSED) {                                                                                                     \
    TILE_ROWS(rows, x, column);                                                                                            \
    product(sum, rows, panels + (long)panel * (depth) * P * WIDTH, depth);                                                 \
  }                                                                                                                        \
  FINISHED(done, sum, P)

// MARK: The units of a tile

// The vectors of units in a tile that is V wide, and the rows of each: `row`, and `count` units from `unit` on.
#define EACH_VECTOR(V)                                                                                                     \
  for (int p = 0, unit = panel * V * WIDTH, count; p < V && (count = min(hidden - unit, WIDTH)) > 0; p++, unit += WIDTH)
#define EACH_ROW for (int r = 0, row = firstRow; r < ROWS && row < batch; r++, row++)

// These units of an operand, and of a slot of the gates.
#define LOAD(x) loadPart(ROW(x, row) + unit, count)
#define STORE(v, x) storePart(v, ROW(x, row) + unit, count)
#define LOAD_SLOT(slot) loadPart(ROW(gates, row) + (slot) * hidden + unit, count)
#define STORE_SLOT(v, slot) storePart(v, ROW(gates, row) + (slot) * hidden + unit, count)
#define CLEAR_SLOTS(slots)                                                                                                 \
  for (int slot = 0; slot < slots; slot++) STORE_SLOT(0, slot)

#define LOAD_BIAS(bias, flag, slot)                                                                                        \
  ((flags & (flag)) ? loadPart(bias + bias##Start + (slot) * hidden + unit, count) : (floatv)(0))
#define BIAS_OF_INPUT(slot) LOAD_BIAS(biasIH, BIAS_IH, slot)
#define BIAS_OF_STATE(slot) LOAD_BIAS(biasHH, BIAS_HH, slot)

// The state that a row had before the step, and what U makes of it in a slot: 0 where it was reset.
#define STATE_BEFORE(x) (IS_RESET(row) ? (floatv)(0) : LOAD(x))
#define RECURRENT(part, slot)                                                                                              \
  (IS_RESET(row)     ? (floatv)(0)                                                                                         \
   : (flags & FUSED) ? done[r][part]                                                                                       \
                     : loadPart(ROW(recurrent, row) + (slot) * hidden + unit, count))

// Ends a forward step in a row that takes part. Without lengths, h is the output.
#define SET_STATE(y)                                                                                                       \
  STORE(y, h);                                                                                                             \
  if (flags & LENGTHS) STORE(y, output)

// Ends a forward step in a row that is past its end: the state is carried, the output is 0.
#define CARRY_STATE                                                                                                        \
  STORE(LOAD(hBefore), h);                                                                                                 \
  STORE(0, output)

// The gradient of a state, without that of the output; 0 comes back where the reader was reset.
#define STATE_GRADIENT(state, sum) (IS_CUT(row) ? (floatv)(0) : LOAD(state) + (sum))
#define OUTPUT_GRADIENT ((flags & D_OUTPUT) ? LOAD(dOutput) : (floatv)(0))

// Ends a backward step in a row that is past its end: the gradient is carried, those of the gates are 0.
#define CARRY_GRADIENT(gradient, slots)                                                                                    \
  STORE(gradient, dh);                                                                                                     \
  CLEAR_SLOTS(slots)
