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

#define BIAS(bias, flag, slot) ((flags & (flag)) ? loadPart(bias + bias##Start + (slot) * hidden + unit, count) : (floatv)(0))
#define ENDED(row, step) ((flags & LENGTHS) && (step) >= lengths[lengthsStart + (row)])
#define RESET(row) ((flags & RESETS) && resets[resetsStart + (row)] != 0)
#define CUT(row, reader) ((flags & CUTS) && cuts[cutsStart + (row)] != 0 && !ENDED(row, reader))

#define EACH_ROW _Pragma("unroll") for (int r = 0; r < ROWS; r++)

// Sums of a tile, 0 at first.
#define SUMS(sum, P)                                                                                                       \
  floatv sum[ROWS][P];                                                                                                     \
  EACH_ROW _Pragma("unroll") for (int p = 0; p < P; p++) sum[r][p] = 0

// The tile's rows of an operand from a column on; past the batch's end its last row again, which nobody stores.
#define TILE_ROWS(rows, x, column)                                                                                         \
  const global float *rows[ROWS];                                                                                          \
  EACH_ROW rows[r] = ROW(x, min(firstRow + r, batch - 1)) + (column)

// The sums, finished, where they can be indexed by a loop that does not unroll: registers cannot.
#define FINISHED(done, sum, P)                                                                                             \
  floatv done[ROWS][P];                                                                                                    \
  EACH_ROW _Pragma("unroll") for (int p = 0; p < P; p++) done[r][p] = sum[r][p]
