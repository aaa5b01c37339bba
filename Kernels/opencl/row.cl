// Rows, and blocks of sums, that a work-group shares.
//
//   wide    the group is one work-item, which goes through a row by vectors of WIDTH columns.
//   SIMT    neighbouring work-items take neighbouring columns; what each found is combined through local memory, always in
//           the same order.
//
// Dimension 0 is the columns, or as many lanes as share a row; dimension 1 the rows, or as many as share a block of rows.

// A work-item's vectors of the columns from `from` to `to`, each with `count` valid columns.
#define EACH_VECTOR(c, count, from, to)                                                                                    \
  for (int c = (from) + LANE * WIDTH, count = (to) - c; count > 0; c += LANES * WIDTH, count -= LANES * WIDTH)

// A work-item's rows of those from `from` to `to`, distributed round-robin over the lanes of dimension 1.
#define EACH_ROW(row, from, to) for (int row = (from) + BLOCK_LANE; row < (to); row += BLOCK_LANES)

// The block index among a row's columns, and among the rows; and the first column if dimension 0 is vectors of columns.
#define COLUMN_BLOCK ((int)(get_global_id(0) / LANES))
#define VECTOR_COLUMN ((int)get_global_id(0) * WIDTH)
#define ROW_BLOCK ((int)(get_global_id(1) / BLOCK_LANES))

#define SUM(a, b) ((a) + (b))

#ifdef SIMT

#define LANE ((int)get_local_id(0))
#define LANES ((int)get_local_size(0))
#define BLOCK_LANE ((int)get_local_id(1))
#define BLOCK_LANES ((int)get_local_size(1))

// A barrier after which a work-group sees the writes of its work-items.
#define GROUP_BARRIER barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)

// The local memory through which work-items share results.
#define GROUP_MEMORY local float groupMemory[GROUP]

// Combines the values of `lanes` work-items, a power of two, `step` apart, by halving. All work-items of the group must
// call it, and all get the result.
#define FOLD(NAME, COMBINE)                                                                                                \
  static inline float NAME(float value, local float *memory, int lane, int lanes, int step) {                              \
    int place = get_local_id(1) * LANES + get_local_id(0);                                                                 \
    barrier(CLK_LOCAL_MEM_FENCE);                                                                                          \
    memory[place] = value;                                                                                                 \
    for (int left = lanes / 2; left > 0; left /= 2) {                                                                      \
      barrier(CLK_LOCAL_MEM_FENCE);                                                                                        \
      if (lane < left) memory[place] = COMBINE(memory[place], memory[place + left * step]);                                \
    }                                                                                                                      \
    barrier(CLK_LOCAL_MEM_FENCE);                                                                                          \
    return memory[place - lane * step];                                                                                    \
  }

FOLD(foldSum, SUM)
FOLD(foldMaximum, LARGER)

#define ROW_SUM(v) foldSum(v, groupMemory, LANE, LANES, 1)
#define ROW_MAXIMUM(v) foldMaximum(v, groupMemory, LANE, LANES, 1)
#define BLOCK_SUM(v) foldSum(v, groupMemory, BLOCK_LANE, BLOCK_LANES, LANES)

#else

#define LANE 0
#define LANES 1
#define BLOCK_LANE 0
#define BLOCK_LANES 1
#define GROUP_MEMORY
#define GROUP_BARRIER
#define ROW_SUM(v) sumOf(v)
#define ROW_MAXIMUM(v) maximumOf(v)
#define BLOCK_SUM(v) (v)

#endif
