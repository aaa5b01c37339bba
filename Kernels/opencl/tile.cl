// Tiles of a matrix product: sum[r][p] += Σₖ left[r][k] · right[k][p], in ascending k, so that all styles and
// tile shapes give the same bits.
//
//   wide    a work-item's tile is ROWS rows × P vectors of WIDTH columns. The right operand was packed into panels
//           [k, P, WIDTH] by `packPanels`, so that the inner loop reads one stream; the left one's rows are contiguous.
//   SIMT    a work-group's tile is LANES_Y·ROWS rows × P·LANES_X columns; each work-item has ROWS adjacent rows and
//           P columns LANES_X apart. Both operands pass through local memory, DEPTH values of k at a time.
//
//              columns ▸ LANES a vector
//      rows ▾ ┌─────────┬─────────┐
//             │ p = 0   │ p = 1   │  a tile, P = 2
//             └─────────┴─────────┘

#ifdef SIMT
#define LANES LANES_X
#define TILE_ROWS (LANES_Y * ROWS)
#define ROW_DIMENSION 1
#define COLUMN_DIMENSION 0
#define LANE ((int)get_local_id(0))
#define FIRST_ROW ((int)get_local_id(1) * ROWS)
#else
#define LANES_X 1
#define LANES_Y 1
#define LANES WIDTH
#define TILE_ROWS ROWS
#define ROW_DIMENSION 0
#define COLUMN_DIMENSION 1
#define LANE 0
#define FIRST_ROW 0
#endif

// Declares the work-group size, so that the compiler can use all registers; and on AMD's GPUs the waves of a SIMD, where
// several groups of a compute unit must run at once.
#if defined(WAVES_PER_SIMD) && defined(__AMDGCN__)
#define CONCURRENT_WAVES __attribute__((amdgpu_waves_per_eu(WAVES_PER_SIMD)))
#else
#define CONCURRENT_WAVES
#endif
#define TILE_KERNEL kernel CONCURRENT_WAVES __attribute__((reqd_work_group_size(LANES_X, LANES_Y, 1))) void

// The index of this tile, and the first column of the vector, with `columns` left from the tile's first one on.
#define TILE_OF_ROWS ((int)(get_global_id(ROW_DIMENSION) / LANES_Y))
#define TILE_OF_COLUMNS ((int)(get_global_id(COLUMN_DIMENSION) / LANES_X))
#define COLUMN(p) ((p) * LANES + LANE)

#define ALL_ROWS _Pragma("unroll") for (int r = 0; r < ROWS; r++)
#define ALL_VECTORS(P) _Pragma("unroll") for (int p = 0; p < P; p++)

// The sums of a tile, initially 0.
#define SUMS(sum, P)                                                                                                       \
  floatv sum[ROWS][P];                                                                                                     \
  ALL_ROWS ALL_VECTORS(P) sum[r][p] = 0

#ifdef SIMT

// Loops over a work-item's rows, vectors and copies unroll, so that they stay in registers. On processors, where their memory
// is as good, they stay loops (KEEP_LOOPS): compilers are slow on unrolled code there.
#ifdef KEEP_LOOPS
#define UNROLL
#else
#define UNROLL _Pragma("unroll")
#endif

#define DEPTH 16
#define INLINE static inline __attribute__((always_inline))

// The local memory of two tiles for each operand: while one is multiplied, the next one is stored. (A row more, so that a
// column of the tile does not lie in one bank.)
#define TILE_SPACE(extent) (DEPTH * ((extent) + 1))
#define TILE_MEMORY(P) local float leftTile[2 * TILE_SPACE(TILE_ROWS)], rightTile[2 * TILE_SPACE(P * LANES)]

// The barrier after which a work-group sees the writes of its work-items.
#define GROUP_BARRIER barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)

// A work-item copies elements of a tile: adjacent work-items read adjacent elements of memory, along k where its step is 1.
// The counts are fixed, so that all loads of a tile are under way at once.
#define TILE_SHARE(extent) (((extent) * DEPTH + LANES_X * LANES_Y - 1) / (LANES_X * LANES_Y))
#define EACH_OF_SHARE(extent) UNROLL for (int n = 0; n < TILE_SHARE(extent); n++)
#define SHARE_PLACE(n) (((int)get_local_id(1) + (n) * LANES_Y) * LANES_X + (int)get_local_id(0))
#define SHARE_K(n, extent) (kStep == 1 ? SHARE_PLACE(n) % DEPTH : SHARE_PLACE(n) / (extent))
#define SHARE_I(n, extent) (kStep == 1 ? SHARE_PLACE(n) / DEPTH : SHARE_PLACE(n) % (extent))

// share[n] = x[i · step + k · kStep], 0 past the operand's end. Every `lanes` of i are a part, `partStep` rows after the
// previous one, of which `count` exist. (What is missing is read from the start: a branch per element would wait for each.)
INLINE void loadTile(float *share, int extent, const global float *x, long step, long kStep, int lanes, int partStep,
                     int count, int depth) {
  EACH_OF_SHARE(extent) {
    int k = SHARE_K(n, extent), i = SHARE_I(n, extent);
    int exists = i % lanes < count && k < depth && SHARE_PLACE(n) < extent * DEPTH;
    float value = x[exists ? (i / lanes * (long)partStep + i % lanes) * step + k * kStep : 0];
    share[n] = exists ? value : 0;
  }
}

// tile[k][i] = share[n]; `kStep` is that of loadTile.
INLINE void fillTile(local float *tile, int extent, const float *share, long kStep) {
  EACH_OF_SHARE(extent)
    if (SHARE_PLACE(n) < extent * DEPTH) tile[SHARE_K(n, extent) * (extent + 1) + SHARE_I(n, extent)] = share[n];
}

#define PRODUCT(NAME, P)                                                                                                   \
  INLINE void NAME(floatv (*sum)[P], local float *leftTiles, local float *rightTiles, const global float *a, long aStep,   \
                   long aDepthStep, int rows, const global float *b, long bStep, long bDepthStep, int lanes, int partStep, \
                   int columns, int count) {                                                                               \
    float leftShare[TILE_SHARE(TILE_ROWS)], rightShare[TILE_SHARE(P * LANES)];                                             \
    loadTile(leftShare, TILE_ROWS, a, aStep, aDepthStep, TILE_ROWS, 0, rows, count);                                       \
    loadTile(rightShare, P * LANES, b, bStep, bDepthStep, lanes, partStep, columns, count);                                \
    /* The tiles of a product before this one may still be read. */                                                        \
    barrier(CLK_LOCAL_MEM_FENCE);                                                                                          \
    for (int from = 0; from < count; from += DEPTH) {                                                                      \
      local float *leftTile = leftTiles + from / DEPTH % 2 * TILE_SPACE(TILE_ROWS);                                        \
      local float *rightTile = rightTiles + from / DEPTH % 2 * TILE_SPACE(P * LANES);                                      \
      fillTile(leftTile, TILE_ROWS, leftShare, aDepthStep);                                                                \
      fillTile(rightTile, P * LANES, rightShare, bDepthStep);                                                              \
      barrier(CLK_LOCAL_MEM_FENCE);                                                                                        \
      int next = from + DEPTH;                                                                                             \
      if (next < count) {                                                                                                  \
        loadTile(leftShare, TILE_ROWS, a + next * aDepthStep, aStep, aDepthStep, TILE_ROWS, 0, rows, count - next);        \
        loadTile(rightShare, P * LANES, b + next * bDepthStep, bStep, bDepthStep, lanes, partStep, columns, count - next); \
      }                                                                                                                    \
      UNROLL for (int k = 0; k < DEPTH; k++) {                                                                             \
        float right[P];                                                                                                    \
        ALL_VECTORS(P) right[p] = rightTile[k * (P * LANES + 1) + COLUMN(p)];                                              \
        ALL_ROWS {                                                                                                         \
          float left = leftTile[k * (TILE_ROWS + 1) + FIRST_ROW + r];                                                      \
          ALL_VECTORS(P) sum[r][p] = fma(left, right[p], sum[r][p]);                                                       \
        }                                                                                                                  \
      }                                                                                                                    \
    }                                                                                                                      \
  }

#else

#define UNROLL
#define TILE_MEMORY(P)
#define GROUP_BARRIER

// All loops over the tile unroll, so that the sums stay in registers.
#define PRODUCT(NAME, P)                                                                                                   \
  static inline void NAME(floatv (*sum)[P], const global float *const *a, const global float *b, int count) {              \
    for (int k = 0; k < count; k++, b += P * WIDTH) {                                                                      \
      floatv right[P];                                                                                                     \
      ALL_VECTORS(P) right[p] = VLOAD(b + p * WIDTH);                                                                      \
      ALL_ROWS {                                                                                                           \
        floatv left = a[r][k];                                                                                             \
        ALL_VECTORS(P) sum[r][p] = fma(left, right[p], sum[r][p]);                                                         \
      }                                                                                                                    \
    }                                                                                                                      \
  }

#endif
