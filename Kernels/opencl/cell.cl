// The common part of the cells. A kernel computes some time steps for a group's rows of the batch and panels of hidden units,
// tile by tile (see tile.cl); the host chooses the tier:
//
//   step       one launch per step: every work-group has one tile             (stepCount = 1, a panel each)
//   sequence   one launch for all steps: every work-group has rows of its     (stepCount = T, all panels)
//              own, with all of their units, and never waits for another
//   persistent one launch for all steps: every work-group has tiles of its    (stepCount = T, a panel each or more)
//              own, keeps their part of U (resident.cl), and synchronizes with the others of its rows after each step
//              (barrier.cl)
//
// In a persistent launch every wait counts, as a step takes some microseconds: what a step reads besides its product is read
// before it (READS), and what no other group waits for is written after the group has arrived at the barrier (WRITES).
//
//              units ▸                          gates [T·N, S·H], slots side by side:
//   rows   ┌──────────┬──────────┐              ┌───────┬───────┬───────┬───────┐
//   ▾      │ a tile   │          │              │ i     │ f     │ g     │ o     │   LSTM
//          ├──────────┼──────────┤              │ r     │ z     │ n     │ extra │   GRU
//          │          │          │              └───────┴───────┴───────┴───────┘
//
// With FUSED, a step starts with its tile of the recurrent product: forward of the previous state, backward of the gate
// gradients of the step that read this state. Without it, the caller has computed the product, or there is none.
// `u` is U itself (SIMT), or U in panels (wide). A program of persistent launches has the one kernel that NEEDS_… names.

#define BIAS_IH 1
#define BIAS_HH 2
#define LENGTHS 4     // rows end at their lengths
#define RESETS 8      // rows whose state before counts as 0
#define CUTS 16       // backward: rows that were reset before the reader of their state get nothing back from it
#define FUSED 32      // the recurrent product is done here
#define D_OUTPUT 64   // backward: the outputs have a gradient
#define REVERSED 128  // time runs from T − 1 to 0
#define FIRST 256     // of a reset-before GRU, which has two phases a step
#define SECOND 512
#define AT_ZERO 1024  // forward: the state before the first of these steps is 0

#if GRID_BARRIER
#define hidden HIDDEN
#define HIDDEN_OPERAND int hiddenUnits
#else
#define HIDDEN_OPERAND int hidden
#endif
#if GATE_GROUPS
#define RECURRENT_OPERAND OUTPUT(recurrent)
#else
#define RECURRENT_OPERAND INPUT(recurrent)
#endif
#if GRID_BARRIER || FALLBACK
#define GRID_OPERANDS global int *grid, int launch, int spins, int gridRows,
#else
#define GRID_OPERANDS
#endif
#define OPERANDS INDICES(lengths), INDICES(resets), int steps, int batch, HIDDEN_OPERAND, int groupRows
#define FORWARD_OPERANDS                                                                                                   \
  int firstStep, int stepCount, int flags, GRID_OPERANDS OUTPUT(gates), INPUT(recurrent), INPUT(biasIH), INPUT(biasHH),    \
      OUTPUT(h), OUTPUT(output), OPERANDS
#define BACKWARD_OPERANDS                                                                                                  \
  int firstStep, int stepCount, int flags, GRID_OPERANDS OUTPUT(gates), RECURRENT_OPERAND, OUTPUT(dh), INPUT(dOutput),     \
      INPUT(h), OPERANDS

// MARK: Time

// The start of a kernel: the local memory of tiles of P vectors, the group's rows, and an early exit if there is no
// work.
#if GRID_BARRIER
#define GROUP_ROWS (shared[0] / (int)get_num_groups(0))
#define GROUP_COLUMNS (shared[0] % (int)get_num_groups(0))
#define BEGIN(P)                                                                                                           \
  TILE_MEMORY(P);                                                                                                          \
  local int shared[2];                                                                                                     \
  gridStart(grid, get_num_groups(0) * get_num_groups(1), launch, spins, shared);                                           \
  int runs = shared[1], barriers = 0;                                                                                      \
  flags |= FUSED | FIRST | SECOND;                                                                                         \
  TAKE_ROWS
#define GRID_COUNTER (grid + GRID_LINE * (1 + GROUP_ROWS))
#define GRID_ARRIVE gridArrive(GRID_COUNTER)
#define GRID_WAIT runs = gridWait(grid, GRID_COUNTER, ++barriers * get_num_groups(0), spins, shared)
#else
#define GROUP_ROWS TILE_OF_ROWS
#define GROUP_COLUMNS TILE_OF_COLUMNS
#define GRID_ARRIVE GROUP_BARRIER
#define GRID_WAIT
#if FALLBACK
// Does the work of a persistent launch whose groups did not all start, without waiting, and resets the grid's state.
#define BEGIN(P)                                                                                                           \
  TILE_MEMORY(P);                                                                                                          \
  const int runs = grid[GRID_VERDICT] == 2 * launch + 1;                                                                   \
  if (get_global_id(0) == 0 && get_global_id(1) == 0) {                                                                    \
    grid[GRID_STARTED] = 0;                                                                                                \
    for (int i = 0; i < gridRows; i++) grid[GRID_LINE * (1 + i)] = 0;                                                      \
  }                                                                                                                        \
  TAKE_ROWS
#else
#define BEGIN(P)                                                                                                           \
  TILE_MEMORY(P);                                                                                                          \
  const int runs = 1;                                                                                                      \
  TAKE_ROWS
#endif
#endif
#define GRID_SYNC                                                                                                          \
  GRID_ARRIVE;                                                                                                             \
  GRID_WAIT
#define TAKE_ROWS int rowsFrom = GROUP_ROWS * groupRows, rowsTo = min(rowsFrom + groupRows, batch)

// The steps of a pass, and the rows of [T·N, …] and [(T+1)·N, …] that they read and write: the step's own, and the
// states before and after it.
#define EACH_STEP_(direction)                                                                                              \
  for (int place = 0, step = firstStep; place < stepCount && runs; place++, step += (direction))                           \
    for (int now = step * batch, before = flags & REVERSED ? now + batch : now,                                            \
             after = flags & REVERSED ? now : now + batch, once = 1;                                                       \
         once; once = 0)
#define EACH_STEP_FORWARD EACH_STEP_((flags & REVERSED ? -1 : 1))
#define EACH_STEP_BACKWARD EACH_STEP_((flags & REVERSED ? 1 : -1))

// Forward: whether the recurrent product is done here; of a state of 0 it is 0.
#define HAS_STATE (flags & FUSED && (place > 0 || !(flags & AT_ZERO)))

// Backward: the step that read this step's state, if there is one.
#define READER (flags & REVERSED ? step - 1 : step + 1)
#define HAS_READER (READER >= 0 && READER < steps)

// Whether a row is active in a step, whether it was reset before this step, and whether the reader of its state was.
#define IS_ACTIVE(row, step) (!(flags & LENGTHS) || (step) < lengths[lengthsStart + (row)])
#define IS_RESET(row) ((flags & RESETS) && resets[resetsStart + now + (row)] != 0)
#define IS_CUT(row)                                                                                                        \
  ((flags & CUTS) && HAS_READER && resets[resetsStart + READER * batch + (row)] != 0 && IS_ACTIVE(row, READER))

// MARK: The product of a tile

// The tiles of a work-group that are V vectors of units wide; the last of them.
#if GATE_GROUPS
#define EACH_TILE(V)                                                                                                       \
  for (int slot = GROUP_COLUMNS, panel; panel = slot / GATE_GROUPS, panel * (V) * LANES < hidden; slot += get_num_groups(0))\
    for (int firstRow = rowsFrom + slot % GATE_GROUPS * TILE_ROWS; firstRow < rowsTo; firstRow += GATE_GROUPS * TILE_ROWS)
#else
#define PANEL_STEP ((int)get_global_size(COLUMN_DIMENSION) / LANES_X)
#define EACH_TILE(V)                                                                                                       \
  for (int panel = GROUP_COLUMNS; panel * (V) * LANES < hidden; panel += PANEL_STEP)                                       \
    for (int firstRow = rowsFrom; firstRow < rowsTo; firstRow += TILE_ROWS)
#define IS_LAST_TILE(V) ((panel + PANEL_STEP) * (V) * LANES >= hidden && firstRow + TILE_ROWS >= rowsTo)
#endif

// sum += the product of columns of x, from row xRow and some column on, with
//   forward    U's rows: `hidden` columns with `parts` gates of the same units, in P vectors;
//   backward   U's columns, from its row `from` on, of `all`: `depth` columns with 2 vectors.
// RESIDENT_… loads a product's right operand before the first step; both name it by the same `place`.
#ifdef SIMT
#define RIGHT_FORWARD(P, parts, u)                                                                                         \
  ROW(u, panel * (P / parts) * LANES), u##Stride, 1, (P / parts) * LANES, hidden, hidden - panel * (P / parts) * LANES
#define RIGHT_BACKWARD(u, from) ROW(u, from) + panel * 2 * LANES, 1, u##Stride, 2 * LANES, 0, hidden - panel * 2 * LANES
#endif
#if GRID_BARRIER
// On a GPU a group has one panel; on a processor, where the registers are memory, any number.
#define RESIDENT(place, P, depth, ...)                                                                                     \
  float4 resident##place[PANELS][RESIDENT_DEPTH(P * LANES, depth)];                                                        \
  for (int slot = 0; slot < PANELS; slot++) {                                                                              \
    int panel = GROUP_COLUMNS + slot * get_num_groups(0);                                                                  \
    loadResident(resident##place[slot], P * LANES, depth, __VA_ARGS__);                                                    \
  }
#define RESIDENT_FORWARD(place, P, parts, u) RESIDENT(place, P, hidden, RIGHT_FORWARD(P, parts, u))
#define PANEL_SLOT (PANELS == 1 ? 0 : panel / (int)get_num_groups(0))
#define RESIDENT_SUMS(place, slot, P, x, xRow, column, depth)                                                              \
  residentProduct(&sum[0][0], splitSums, totals, resident##place[slot], P, depth, ROW(x, (xRow) + firstRow) + (column),    \
                  x##Stride, min(TILE_ROWS, rowsTo - firstRow))
#define FORWARD_PRODUCT(place, product, P, parts, x, xRow, column, u)                                                      \
  RESIDENT_SUMS(place, PANEL_SLOT, P, x, xRow, column, hidden)
#if GATE_GROUPS
// Backward, where U is large, the groups would read all gates' gradients of their rows, and together more than the caches
// deliver. So a group takes the rows of U of one gate of GATE_GROUPS, for as many times more units. `recurrent` receives the
// sums of each gate [gates, N, H]; behind a barrier they are added, in order, for a part of the rows.
#define GATE_OF(slot) ((slot) % GATE_GROUPS)
// The gradients of a gate; of the last one that is in the last slot.
#define SLOT_OF(gate) ((gate) == GATE_GROUPS - 1 ? 3 : (gate))
#define RESIDENT_BACKWARD(place, u, from, depth) RESIDENT_BACKWARD##place(u)
#define RESIDENT_BACKWARD0(u)                                                                                              \
  float4 resident0[PANELS][RESIDENT_DEPTH(2 * LANES, hidden)];                                                             \
  for (int n = 0; n < PANELS; n++) {                                                                                       \
    int slot = GROUP_COLUMNS + n * get_num_groups(0), panel = slot / GATE_GROUPS;                                          \
    loadResident(resident0[n], 2 * LANES, hidden, RIGHT_BACKWARD(u, GATE_OF(slot) * hidden));                              \
  }
#define RESIDENT_BACKWARD1(u)
#define GATE_PRODUCTS                                                                                                      \
  if (HAS_READER)                                                                                                          \
    for (int n = 0; n < PANELS; n++) {                                                                                     \
      int slot = GROUP_COLUMNS + n * get_num_groups(0), panel = slot / GATE_GROUPS, gate = GATE_OF(slot);                  \
      for (int firstRow = rowsFrom; firstRow < rowsTo; firstRow += TILE_ROWS) {                                            \
        SUMS(sum, 2);                                                                                                      \
        RESIDENT_SUMS(0, n, 2, gates, READER * batch, SLOT_OF(gate) * hidden, hidden);                                     \
        EACH_VECTOR(2) EACH_ROW STORE(sum[r][p], recurrent, gate * batch);                                                 \
      }                                                                                                                    \
    }                                                                                                                      \
  GRID_SYNC
#define BACKWARD_PRODUCT(place, x, xRow, column, u, from, all, depth) GATE_SUMS##place
#define GATE_SUMS0                                                                                                         \
  EACH_VECTOR(2) EACH_ROW for (int gate = 0; gate < GATE_GROUPS; gate++) sum[r][p] += LOAD(recurrent, gate * batch)
#define GATE_SUMS1
#else
#define RESIDENT_BACKWARD(place, u, from, depth) RESIDENT(place, 2, depth, RIGHT_BACKWARD(u, from))
#define BACKWARD_PRODUCT(place, x, xRow, column, u, from, all, depth)                                                      \
  RESIDENT_SUMS(place, PANEL_SLOT, 2, x, xRow, column, depth)
#endif
#else
#define RESIDENT_FORWARD(place, P, parts, u)
#define RESIDENT_BACKWARD(place, u, from, depth)
#ifdef SIMT
#define TILE_ROWS_OF(x, xRow, column) ROW(x, (xRow) + firstRow) + (column), x##Stride, 1, rowsTo - firstRow
#define FORWARD_PRODUCT(place, product, P, parts, x, xRow, column, u)                                                      \
  product(sum, leftTile, rightTile, TILE_ROWS_OF(x, xRow, column), RIGHT_FORWARD(P, parts, u), hidden)
#define BACKWARD_PRODUCT(place, x, xRow, column, u, from, all, depth)                                                      \
  unitProduct(sum, leftTile, rightTile, TILE_ROWS_OF(x, xRow, column), RIGHT_BACKWARD(u, from), depth)
#else
// Past the group's rows the last row is repeated; its results are not stored.
#define PANEL_PRODUCT(product, P, x, xRow, column, u, from, all, depth)                                                    \
  {                                                                                                                        \
    const global float *rows[ROWS];                                                                                        \
    ALL_ROWS rows[r] = ROW(x, (xRow) + min(firstRow + r, rowsTo - 1)) + (column);                                          \
    product(sum, rows, u + u##Start + ((long)panel * (all) + (from)) * P * WIDTH, depth);                                  \
  }
#define FORWARD_PRODUCT(place, product, P, parts, x, xRow, column, u)                                                      \
  PANEL_PRODUCT(product, P, x, xRow, column, u, 0, hidden, hidden)
#define BACKWARD_PRODUCT(place, x, xRow, column, u, from, all, depth)                                                      \
  PANEL_PRODUCT(unitProduct, 2, x, xRow, column, u, from, all, depth)
#endif
#endif

#if !GATE_GROUPS
#define GATE_PRODUCTS
#endif

PRODUCT(unitProduct, 2)

// The finished sums as an array that a loop can index without unrolling, unlike registers.
#define FINISHED(done, sum, P)                                                                                             \
  floatv done[ROWS][P];                                                                                                    \
  ALL_ROWS ALL_VECTORS(P) done[r][p] = sum[r][p]

// MARK: The units of a tile

// The vectors of units of a tile that is V wide, and the rows of each: `row`, and `count` units from `unit` on.
#define EACH_VECTOR(V)                                                                                                     \
  UNROLL for (int p = 0, unit, count; p < V; p++)                                                                          \
    if ((unit = panel * V * LANES + COLUMN(p), count = min(hidden - unit, WIDTH)) > 0)
#define EACH_ROW UNROLL for (int r = 0, row = firstRow + FIRST_ROW; r < ROWS; r++, row++) if (row < rowsTo)
// These units of an operand, in row `at` + row, and of a slot of the step's gates.
#define LOAD(x, at) loadPart(ROW(x, (at) + row) + unit, count)
#define STORE(v, x, at) storePart(v, ROW(x, (at) + row) + unit, count)
#define LOAD_SLOT(slot) loadPart(ROW(gates, now + row) + (slot) * hidden + unit, count)
#define STORE_SLOT(v, slot) storePart(v, ROW(gates, now + row) + (slot) * hidden + unit, count)
#define CLEAR_SLOTS(slots)                                                                                                 \
  for (int slot = 0; slot < slots; slot++) STORE_SLOT(0, slot)

#define LOAD_BIAS(bias, flag, slot)                                                                                        \
  ((flags & (flag)) ? loadPart(bias + bias##Start + (slot) * hidden + unit, count) : (floatv)(0))

// The state of a row before the step, and its product with U in a slot: 0 if the row was reset.
#define STATE_BEFORE(x) (IS_RESET(row) ? (floatv)(0) : LOAD(x, before))
#define RECURRENT(part, slot)                                                                                              \
  (IS_RESET(row)     ? (floatv)(0)                                                                                         \
   : (flags & FUSED) ? done[r][part]                                                                                       \
                     : loadPart(ROW(recurrent, row) + (slot) * hidden + unit, count))

// Finishes a forward step in an active row. Without lengths, h is the output.
#define SET_STATE(y)                                                                                                       \
  STORE(y, h, after);                                                                                                      \
  if (flags & LENGTHS) STORE(y, output, now)

// Finishes a forward step in a row past its length: the state is carried, the output is 0.
#define CARRY_STATE                                                                                                        \
  STORE(LOAD(h, before), h, after);                                                                                        \
  STORE(0, output, now)

// The gradient of a state, without that of the output, from what was there and the product; 0 if the reader was reset.
#define STATE_GRADIENT(gradient, sum) (IS_CUT(row) ? (floatv)(0) : (gradient) + (sum))
#define OUTPUT_GRADIENT ((flags & D_OUTPUT) ? LOAD(dOutput, now) : (floatv)(0))

// Finishes a backward step in a row past its length: the gradient is carried, those of the gates are 0.
#define CARRY_GRADIENT(gradient, slots)                                                                                    \
  STORE(gradient, dh, 0);                                                                                                  \
  CLEAR_SLOTS(slots)

// MARK: What a row reads and writes

// The biases of the input and of the state for `count` gates from `first` on: `inputBias` and `stateBias`, in a vector of units.
// READS(N, LIST) names what a row reads besides its product: read[0 ..< N], by a list of DO(i, value). WRITES(LIST, …) stores the
// values that no other group waits for, by a list of DO(i, store of `value`).
// A persistent launch, where a work-item has one row of a tile, reads them before the product, by EARLY_…, and stores them in
// WRITE_TILE, or those of its last tile in WRITE_LAST_TILE, after the group has arrived at the barrier.
#define NOTHING ((floatv)(0))
#define EACH_GATE(count) _Pragma("unroll") for (int gate = 0; gate < count; gate++)
#define LOAD_BIASES(input, state, first, gates)                                                                            \
  EACH_GATE(gates) {                                                                                                       \
    input[gate] = LOAD_BIAS(biasIH, BIAS_IH, (first) + gate);                                                              \
    state[gate] = LOAD_BIAS(biasHH, BIAS_HH, (first) + gate);                                                              \
  }
#if GRID_BARRIER
#define EARLY_BIASES(V, first, gates)                                                                                      \
  floatv inputBiases[V][gates], stateBiases[V][gates];                                                                     \
  EACH_VECTOR(V) { LOAD_BIASES(inputBiases[p], stateBiases[p], first, gates); }
#define BIASES(first, gates) const floatv *inputBias = inputBiases[p], *stateBias = stateBiases[p]
#define EARLY_READS(V, N, LIST)                                                                                            \
  floatv earlyReads[V][N];                                                                                                 \
  EACH_VECTOR(V) EACH_ROW { LIST(READ_EARLY) }
#define READ_EARLY(i, value) earlyReads[p][i] = value;
#define READS(N, LIST) const floatv *read = earlyReads[p]
#define LATE_WRITES(V, N)                                                                                                  \
  floatv lateWrites[V][N];                                                                                                 \
  int latePanel = hidden, lateRow = 0
#define WRITES(LIST, ...)                                                                                                  \
  {                                                                                                                        \
    const floatv values[] = {__VA_ARGS__};                                                                                 \
    UNROLL for (int i = 0; i < (int)(sizeof values / sizeof values[0]); i++) lateWrites[p][i] = values[i];                 \
  }
#define WRITE_TILE(V, LIST)                                                                                                \
  latePanel = panel;                                                                                                       \
  lateRow = firstRow;                                                                                                      \
  if (!IS_LAST_TILE(V)) WRITE_LAST_TILE(V, LIST)
#define WRITE_LAST_TILE(V, LIST)                                                                                           \
  for (int panel = latePanel, firstRow = lateRow, once = 1; once; once = 0) EACH_VECTOR(V) EACH_ROW { LIST(WRITE_LATE) }
#define WRITE_LATE(i, store)                                                                                               \
  {                                                                                                                        \
    floatv value = lateWrites[p][i];                                                                                       \
    store;                                                                                                                 \
  }
#else
#define EARLY_BIASES(V, first, gates)
#define BIASES(first, gates)                                                                                               \
  floatv inputBias[gates], stateBias[gates];                                                                               \
  LOAD_BIASES(inputBias, stateBias, first, gates)
#define EARLY_READS(V, N, LIST)
#define READS(N, LIST)                                                                                                     \
  floatv read[N];                                                                                                          \
  LIST(READ_NOW)
#define READ_NOW(i, value) read[i] = value;
#define LATE_WRITES(V, N)
#define WRITES(LIST, ...)                                                                                                  \
  {                                                                                                                        \
    const floatv values[] = {__VA_ARGS__};                                                                                 \
    LIST(WRITE_NOW)                                                                                                        \
  }
#define WRITE_NOW(i, store)                                                                                                \
  {                                                                                                                        \
    floatv value = values[i];                                                                                              \
    store;                                                                                                                 \
  }
#define WRITE_TILE(V, LIST)
#define WRITE_LAST_TILE(V, LIST)
#endif
