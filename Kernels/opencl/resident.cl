// A cell's products with a right operand that stays in registers for all steps of a persistent launch (see cell.cl), as in
// Persistent RNNs (Diamos et al. 2016). HIDDEN, the number of units, is known when the kernel is compiled. ROWS_AT_ONCE rows
// are multiplied together, so that the latencies of their loads overlap.
//
// The work-items of a group share its C = P·LANES columns and their depth. An item has RESIDENT_COLUMNS columns, and every
// SPLITS-th value of the depth: adjacent items read adjacent values of the left operand. The sums of the splits are added in
// local memory, in order.
//
//            columns ▸  0 1 2 3   4 5 6 7
//          k = 0        item 0    item S
//              1        item 1    item S + 1
//              ⋮          ⋮
//              S − 1    item S−1  item 2S−1
//              S        item 0    …

#if GRID_BARRIER
#define RESIDENT_COLUMNS 4
#define ITEMS (LANES_X * LANES_Y)
#define SPLITS(columns) (ITEMS / ((columns) / RESIDENT_COLUMNS))
#define RESIDENT_DEPTH(columns, depth) (((depth) + SPLITS(columns) - 1) / SPLITS(columns))

// Unrolled by the preprocessor: an array indexed by a loop may end up in private memory, not in registers. At most
// RESIDENT_MOST float4.
#define RESIDENT_MOST 40
#define AT_ONCE _Pragma("unroll") for (int r = 0; r < ROWS_AT_ONCE; r++)
#define EACH_4(DO, j) DO(j) DO((j) + 1) DO((j) + 2) DO((j) + 3)
#define EACH_20(DO, j) EACH_4(DO, j) EACH_4(DO, (j) + 4) EACH_4(DO, (j) + 8) EACH_4(DO, (j) + 12) EACH_4(DO, (j) + 16)
#define EACH_RESIDENT(DO) EACH_20(DO, 0) EACH_20(DO, 20)

// SPLIT_ROWS rows are multiplied before their sums are added up. (One element more, to avoid bank conflicts.)
#undef TILE_MEMORY
#define TILE_MEMORY(P)                                                                                                     \
  local float splitSums[SPLIT_ROWS * P * LANES * (SPLITS(P * LANES) + 1)], totals[TILE_ROWS * P * LANES]

// Loads a work-item's part of the right operand, 0 past its end; the arguments are those of `loadTile`.
INLINE void loadResident(float4 *resident, int columns, int depth, const global float *x, long step, long kStep, int lanes,
                         int partStep, int count) {
  int item = get_local_id(1) * LANES_X + get_local_id(0), splits = SPLITS(columns), split = item % splits;
  // The start of each column, and its depth: 0 if it is missing.
  long start[RESIDENT_COLUMNS];
  int there[RESIDENT_COLUMNS];
  _Pragma("unroll") for (int c = 0; c < RESIDENT_COLUMNS; c++) {
    int column = item / splits * RESIDENT_COLUMNS + c, part = column / lanes, lane = column % lanes;
    start[c] = (part * (long)partStep + lane) * step;
    there[c] = column < columns && lane < count ? depth : 0;
  }
#define NUMBER(c, k) ((k) < there[c] ? x[start[c] + (k) * kStep] : 0)
#define LOAD_NUMBERS(j)                                                                                                    \
  if ((j) < RESIDENT_DEPTH(columns, depth))                                                                                \
    resident[j] = (float4)(NUMBER(0, (j) * splits + split), NUMBER(1, (j) * splits + split),                               \
                           NUMBER(2, (j) * splits + split), NUMBER(3, (j) * splits + split));
  EACH_RESIDENT(LOAD_NUMBERS)
}

// sum[r][p] += Σₖ left[r][k] · resident[k][p] for the tile's rows, `rows` of which exist.
INLINE void residentProduct(float *sum, local float *splitSums, local float *totals, const float4 *resident, int P,
                            int depth, const global float *left, long stride, int rows) {
  const int columns = P * LANES, splits = SPLITS(columns), last = RESIDENT_DEPTH(columns, depth) - 1;
  int item = get_local_id(1) * LANES_X + get_local_id(0), split = item % splits, first = item / splits * RESIDENT_COLUMNS;
  for (int from = 0; from < rows; from += SPLIT_ROWS) {
    int some = min(SPLIT_ROWS, rows - from);
    if (first < columns)
      for (int row = 0; row < some; row += ROWS_AT_ONCE) {
        float4 part[ROWS_AT_ONCE];
        const global float *x[ROWS_AT_ONCE];
        AT_ONCE {
          // Past the last row, it is repeated.
          x[r] = left + (from + min(row + r, some - 1)) * stride + split;
          // The last value may be past the end, where its column is 0.
          part[r] = (float4)(split + last * splits < depth ? x[r][last * splits] : 0) * resident[last];
        }
#define ADD_PRODUCT(j) if ((j) < last) AT_ONCE part[r] = fma((float4)x[r][(j) * splits], resident[j], part[r]);
        EACH_RESIDENT(ADD_PRODUCT)
        AT_ONCE {
          local float *place = splitSums + (min(row + r, some - 1) * columns + first) * (splits + 1) + split;
          place[0] = part[r].s0;
          place[splits + 1] = part[r].s1;
          place[2 * (splits + 1)] = part[r].s2;
          place[3 * (splits + 1)] = part[r].s3;
        }
      }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int place = item; place < some * columns; place += ITEMS) {
      float total = 0;
      for (int i = 0; i < splits; i++) total += splitSums[place * (splits + 1) + i];
      totals[from * columns + place] = total;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  ALL_ROWS ALL_VECTORS(P) if (FIRST_ROW + r < rows) sum[r * P + p] += totals[(FIRST_ROW + r) * columns + COLUMN(p)];
}
#endif
