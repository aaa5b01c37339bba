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

// Declares the work-group size, so that the compiler can use all registers.
#define TILE_KERNEL kernel __attribute__((reqd_work_group_size(LANES_X, LANES_Y, 1))) void

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

#define DEPTH 16

// The local memory of a tile, and the barrier behind which a work-group sees what its work-items wrote. (A row more, so that
// a column of the tile does not lie in one bank.)
#define TILE_MEMORY(P) local float leftTile[DEPTH * (TILE_ROWS + 1)], rightTile[DEPTH * (P * LANES + 1)]
#define GROUP_BARRIER barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)

// tile[k][i] = x[i · step + k · kStep], 0 past the operand's end; adjacent work-items read adjacent elements. Every
// `lanes` of i are a part, `partStep` rows after the previous one, of which `count` exist.
static inline void loadTile(local float *tile, int extent, const global float *x, long step, long kStep, int lanes,
                            int partStep, int count, int depth) {
  for (int place = get_local_id(1) * LANES_X + get_local_id(0); place < extent * DEPTH; place += LANES_X * LANES_Y) {
    int k = kStep == 1 ? place % DEPTH : place / extent, i = kStep == 1 ? place / DEPTH : place % extent;
    int part = i / lanes, lane = i % lanes;
    tile[k * (extent + 1) + i] = lane < count && k < depth ? x[(part * (long)partStep + lane) * step + k * kStep] : 0;
  }
}

#define PRODUCT(NAME, P)                                                                                                   \
  static inline void NAME(floatv (*sum)[P], local float *leftTile, local float *rightTile, const global float *a,          \
                          long aStep, long aDepthStep, int rows, const global float *b, long bStep, long bDepthStep,       \
                          int lanes, int partStep, int columns, int count) {                                               \
    for (int from = 0; from < count; from += DEPTH) {                                                                      \
      barrier(CLK_LOCAL_MEM_FENCE);                                                                                        \
      loadTile(leftTile, TILE_ROWS, a + from * aDepthStep, aStep, aDepthStep, TILE_ROWS, 0, rows, count - from);           \
      loadTile(rightTile, P * LANES, b + from * bDepthStep, bStep, bDepthStep, lanes, partStep, columns, count - from);    \
      barrier(CLK_LOCAL_MEM_FENCE);                                                                                        \
      for (int k = 0; k < DEPTH; k++) {                                                                                    \
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
