// C = scale · op(A) · op(B) on tensor cores: operands rounded to TF32 or bfloat16 (TF32 or BF16 is defined), sums in float32.
//
// 32 work-items, a warp, multiply 16 rows × 8 words of A with 8 words × 8 columns of B at once. A word has one value of k
// in TF32's 32 bits, or two in bfloat16's 16, the one with the lower k in the low half. Whose registers hold what is the
// same for both (PTX ISA, "Matrix Fragments for mma.m16n8k8" with .tf32 and "… for mma.m16n8k16 with floating point type"),
// with lane = 4·g + t:
//
//              registers   row                column
//     left     4           g + 8·(r mod 2)    word t + 4·(r div 2)
//     right    2           word t + 4·r       g
//     sums     4           g + 8·(r div 2)    2·t + r mod 2
//
// PTX is defined where the driver takes inline PTX. Elsewhere a warp's work-items hand their registers over through local
// memory and take the same sums in plain C, so that all but the instructions themselves can be tested on any device.

#define WARP 32
#define LEFT_ROW(lane, r) ((lane) / 4 + (r) % 2 * 8)
#define LEFT_WORD(lane, r) ((lane) % 4 + (r) / 2 * 4)
#define RIGHT_WORD(lane, r) ((lane) % 4 + (r)*4)
#define RIGHT_COLUMN(lane, r) ((lane) / 4)
#define SUM_ROW(lane, r) ((lane) / 4 + (r) / 2 * 8)
#define SUM_COLUMN(lane, r) ((lane) % 4 * 2 + (r) % 2)

#ifdef BF16
#define VALUES 2  // of a word
#else
#define VALUES 1
#endif
#define WORDS 8  // of an instruction, along k

// MARK: Rounding and multiplying

#ifdef PTX

#define UNROLL _Pragma("unroll")
#define EXCHANGE
#define MMA(sum, left, right) multiplyAdd(sum, left, right)

#ifdef BF16

// Two values in a word, rounded to the nearest, ties to even.
static inline uint word(float low, float high) {
  uint bits;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
  return bits;
}

#define INSTRUCTION "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"

#else

// A value rounded to 10 bits after the point, ties away from 0.
static inline uint word(float x) {
  uint bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
}

#define INSTRUCTION "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32"

#endif

static inline void multiplyAdd(float *sum, const uint *left, const uint *right) {
  asm volatile(INSTRUCTION " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
               : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right[0]), "r"(right[1]));
}

#else

// Loops stay loops: compilers for processors take very long for many barriers one after the other.
#define UNROLL
#define EXCHANGE local uint exchange[LANES_X * LANES_Y][(16 + 8) * WORDS]
#define MMA(sum, left, right) multiplyAdd(sum, left, right, exchange[get_local_id(1)])

// The upper bits of a number, of which `cut` go; `bias` is what is added before. What is no number stays none.
static inline uint upperBits(float x, uint bias, int cut) {
  uint bits = as_uint(x);
  return ((bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7FFFFFFF : bits + bias) >> cut;
}

#ifdef BF16

static inline uint nearestEven(float x) { return upperBits(x, 0x7FFF + (as_uint(x) >> 16 & 1), 16); }

static inline uint word(float low, float high) { return nearestEven(low) | nearestEven(high) << 16; }

static inline float wordProduct(uint a, uint b, float sum) {
  sum = fma(as_float(a << 16), as_float(b << 16), sum);
  return fma(as_float(a & 0xFFFF0000), as_float(b & 0xFFFF0000), sum);
}

#else

static inline uint word(float x) { return upperBits(x, 0x1000, 13) << 13; }

static inline float wordProduct(uint a, uint b, float sum) { return fma(as_float(a), as_float(b), sum); }

#endif

static inline void multiplyAdd(float *sum, const uint *left, const uint *right, local uint *exchange) {
  int lane = get_local_id(0);
  local uint *columns = exchange + 16 * WORDS;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int r = 0; r < 4; r++) exchange[LEFT_ROW(lane, r) * WORDS + LEFT_WORD(lane, r)] = left[r];
  for (int r = 0; r < 2; r++) columns[RIGHT_COLUMN(lane, r) * WORDS + RIGHT_WORD(lane, r)] = right[r];
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int r = 0; r < 4; r++) {
    local const uint *row = exchange + SUM_ROW(lane, r) * WORDS, *column = columns + SUM_COLUMN(lane, r) * WORDS;
    for (int k = 0; k < WORDS; k++) sum[r] = wordProduct(row[k], column[k], sum[r]);
  }
}

#endif

// MARK: Tiles

// A work-group has LANES_Y × LANES_X warps, each with ROWS × COLUMNS blocks of 16 × 8 sums. Both operands pass through local
// memory, DEPTH values of k at a time, in words; while a tile is multiplied, the next one is on its way to registers.
#define DEPTH 32
#define TILE_WORDS (DEPTH / VALUES)
#define HEIGHT (16 * ROWS * LANES_Y)
#define BREADTH (8 * COLUMNS * LANES_X)
#define ITEMS (WARP * LANES_X * LANES_Y)

// Word w of row (column) i of a tile. As in memory, neighbours along k are neighbours, or neighbours along i are (byK is 1 or
// 0). The gaps let the 32 lanes that load a register, and 8 lanes that store 4 words each, meet all banks.
#define PLACE(byK, extent, i, w) ((byK) ? (i) * (TILE_WORDS + 4) + (w) : (w) * ((extent) + 8) + (i))
#define SPACE(byK, extent) ((byK) ? (extent) * (TILE_WORDS + 4) : TILE_WORDS * ((extent) + 8))

// What a work-item moves at once, 4 words: along k, or of 4 neighbours along i.
#define PIECE (4 * VALUES)
#define PIECES(extent) ((extent)*DEPTH / PIECE / ITEMS)
#define PIECE_I(byK, extent, place) ((byK) ? (place) / (DEPTH / PIECE) : (place) % ((extent) / 4) * 4)
#define PIECE_K(byK, extent, place) ((byK) ? (place) % (DEPTH / PIECE) * PIECE : (place) / ((extent) / 4) * VALUES)

// Four neighbours of which `count` are there; the others are 0.
static inline float4 loadFour(const global float *x, int count, int isAligned) {
  if (count >= 4) return isAligned ? *(const global float4 *)x : vload4(0, x);
  return (float4)(count > 0 ? x[0] : 0, count > 1 ? x[1] : 0, count > 2 ? x[2] : 0, 0);
}

// A piece of an operand that has `count` more rows (columns) and `depth` more values of k; `step` apart are those that are no
// neighbours.
static inline void loadPiece(float4 *piece, const global float *x, long step, int byK, int extent, int place, int count,
                             int depth, int isAligned) {
  int i = PIECE_I(byK, extent, place), k = PIECE_K(byK, extent, place);
  UNROLL for (int v = 0; v < VALUES; v++) {
    if (byK)
      piece[v] = loadFour(x + i * step + k + 4 * v, i < count ? depth - k - 4 * v : 0, isAligned);
    else
      piece[v] = loadFour(x + (k + v) * step + i, k + v < depth ? count - i : 0, isAligned);
  }
}

static inline void storePiece(local uint *tile, const float4 *piece, int byK, int extent, int place) {
  int i = PIECE_I(byK, extent, place), k = PIECE_K(byK, extent, place);
#ifdef BF16
  float4 a = piece[0], b = piece[1];
  float4 low = byK ? (float4)(a.x, a.z, b.x, b.z) : a, high = byK ? (float4)(a.y, a.w, b.y, b.w) : b;
  uint4 words = (uint4)(word(low.x, high.x), word(low.y, high.y), word(low.z, high.z), word(low.w, high.w));
#else
  float4 x = piece[0];
  uint4 words = (uint4)(word(x.x), word(x.y), word(x.z), word(x.w));
#endif
  *(local uint4 *)(tile + PLACE(byK, extent, i, k / VALUES)) = words;
}

#define LOAD_PIECES(pieces, x, step, byK, extent, count, depth, isAligned)                                                 \
  UNROLL for (int i = 0; i < PIECES(extent); i++)                                                                          \
    loadPiece(pieces[i], x, step, byK, extent, item + i * ITEMS, count, depth, isAligned)

#define STORE_PIECES(tile, pieces, byK, extent)                                                                            \
  UNROLL for (int i = 0; i < PIECES(extent); i++) storePiece(tile, pieces[i], byK, extent, item + i * ITEMS)

// Operands of one region each: rows (or columns) of values of k where LEFT_BY_K (RIGHT_BY_K) is 1, else the other way. The sum
// over k is in `parts` parts of `share` values, each of which gives a result of its own: result b · parts + p is part p
// of product b. Bit 0 of `aligned` says that 4 values of A may be loaded at once, bit 1 the same of B.
// Dimensions: tiles of columns · WARP, tiles of rows · warps, batch · parts.
#define MMA_KERNEL kernel __attribute__((reqd_work_group_size(WARP, LANES_X * LANES_Y, 1))) void
MMA_KERNEL mmaProduct(
  INPUT(a), long aBatch, INPUT(b), long bBatch, OUTPUT(c), long cBatch, int m, int n, int depth, int parts, int share,
  float scale, int adds, int aligned) {
  local uint leftTile[SPACE(LEFT_BY_K, HEIGHT)] __attribute__((aligned(16)));
  local uint rightTile[SPACE(RIGHT_BY_K, BREADTH)] __attribute__((aligned(16)));
  EXCHANGE;
  int lane = get_local_id(0), warp = get_local_id(1), item = warp * WARP + lane;
  int row = (int)(get_global_id(1) / (LANES_X * LANES_Y)) * HEIGHT, column = (int)(get_global_id(0) / WARP) * BREADTH;
  long result = get_global_id(2), product = result / parts;
  int from = (int)(result % parts) * share, count = min(share, depth - from);

  long aDepthStep = LEFT_BY_K ? 1 : aStride, bDepthStep = RIGHT_BY_K ? 1 : bStride;
  a += aStart + product * aBatch + row * (LEFT_BY_K ? aStride : 1) + from * aDepthStep;
  b += bStart + product * bBatch + column * (RIGHT_BY_K ? bStride : 1) + from * bDepthStep;
  float4 leftPieces[PIECES(HEIGHT)][VALUES], rightPieces[PIECES(BREADTH)][VALUES];
  LOAD_PIECES(leftPieces, a, aStride, LEFT_BY_K, HEIGHT, m - row, count, aligned & 1);
  LOAD_PIECES(rightPieces, b, bStride, RIGHT_BY_K, BREADTH, n - column, count, aligned & 2);

  float sum[ROWS][COLUMNS][4];
  UNROLL for (int y = 0; y < ROWS; y++) UNROLL for (int x = 0; x < COLUMNS; x++) UNROLL for (int r = 0; r < 4; r++)
    sum[y][x][r] = 0;
  int firstRow = warp / LANES_X * ROWS * 16, firstColumn = warp % LANES_X * COLUMNS * 8;
  for (int k = 0; k < count; k += DEPTH) {
    barrier(CLK_LOCAL_MEM_FENCE);
    STORE_PIECES(leftTile, leftPieces, LEFT_BY_K, HEIGHT);
    STORE_PIECES(rightTile, rightPieces, RIGHT_BY_K, BREADTH);
    barrier(CLK_LOCAL_MEM_FENCE);
    int next = k + DEPTH;
    if (next < count) {
      LOAD_PIECES(leftPieces, a + next * aDepthStep, aStride, LEFT_BY_K, HEIGHT, m - row, count - next, aligned & 1);
      LOAD_PIECES(rightPieces, b + next * bDepthStep, bStride, RIGHT_BY_K, BREADTH, n - column, count - next, aligned & 2);
    }
    UNROLL for (int w = 0; w < TILE_WORDS; w += WORDS) {
      uint left[ROWS][4], right[COLUMNS][2];
      UNROLL for (int y = 0; y < ROWS; y++) UNROLL for (int r = 0; r < 4; r++)
        left[y][r] = leftTile[PLACE(LEFT_BY_K, HEIGHT, firstRow + 16 * y + LEFT_ROW(lane, r), w + LEFT_WORD(lane, r))];
      UNROLL for (int x = 0; x < COLUMNS; x++) UNROLL for (int r = 0; r < 2; r++)
        right[x][r] =
          rightTile[PLACE(RIGHT_BY_K, BREADTH, firstColumn + 8 * x + RIGHT_COLUMN(lane, r), w + RIGHT_WORD(lane, r))];
      UNROLL for (int y = 0; y < ROWS; y++) UNROLL for (int x = 0; x < COLUMNS; x++) MMA(sum[y][x], left[y], right[x]);
    }
  }

  row += firstRow;
  column += firstColumn;
  c += cStart + result * cBatch;
  UNROLL for (int y = 0; y < ROWS; y++) UNROLL for (int x = 0; x < COLUMNS; x++) UNROLL for (int r = 0; r < 4; r++) {
    int i = row + 16 * y + SUM_ROW(lane, r), j = column + 8 * x + SUM_COLUMN(lane, r);
    if (i < m && j < n) PUT(c + i * cStride + j, sum[y][x][r] * scale, adds);
  }
}

// Adds the parts of a product up, in their order. Dimensions: columns, rows, batch.
kernel void addParts(const global float *x, OUTPUT(c), long cBatch, int m, int n, int parts, float scale, int adds) {
  int j = get_global_id(0), i = get_global_id(1);
  if (j >= n) return;
  x += ((long)get_global_id(2) * parts * m + i) * n + j;
  float sum = 0;
  for (int p = 0; p < parts; p++) sum += x[(long)p * m * n];
  PUT(ROW(c, i) + (long)get_global_id(2) * cBatch + j, sum * scale, adds);
}
