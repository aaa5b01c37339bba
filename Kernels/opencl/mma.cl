// How a warp multiplies on tensor cores: factors rounded to TF32 or bfloat16 (TF32 or BF16 is defined), sums in float32.
// Whole products are warp.cl's.
//
// Its 32 work-items multiply 16 rows × 8 words of A with 8 words × 8 columns of B at once. A word has one value of k
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

#ifndef FLOAT32

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
#define EXCHANGE local uint *exchange = 0

#ifdef BF16

// Two values in a word, rounded to the nearest, ties to even.
static inline uint word(float low, float high) {
  uint bits;
  __asm__("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
  return bits;
}

#define INSTRUCTION "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"

#else

// A value rounded to 10 mantissa bits, ties away from 0.
static inline uint word(float x) {
  uint bits;
  __asm__("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
}

#define INSTRUCTION "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32"

#endif

static inline void multiplyAdd(float4 *sum, const uint *left, const uint *right, local uint *exchange) {
  float s0 = sum->s0, s1 = sum->s1, s2 = sum->s2, s3 = sum->s3;
  __asm__ volatile(INSTRUCTION " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(s0), "+f"(s1), "+f"(s2), "+f"(s3)
               : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right[0]), "r"(right[1]));
  *sum = (float4)(s0, s1, s2, s3);
}

#else

// Keep loops: compilers for processors are very slow on many consecutive barriers.
#define UNROLL
#define EXCHANGE                                                                                                           \
  local uint exchanges[LANES_X * LANES_Y][(16 + 8) * WORDS];                                                               \
  local uint *exchange = exchanges[get_local_id(1)]

// The upper bits of a float, without the lowest `cut`; `bias` is added before. NaN stays NaN.
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

static inline void multiplyAdd(float4 *sum, const uint *left, const uint *right, local uint *exchange) {
  int lane = get_local_id(0);
  local uint *columns = exchange + 16 * WORDS;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int r = 0; r < 4; r++) exchange[LEFT_ROW(lane, r) * WORDS + LEFT_WORD(lane, r)] = left[r];
  for (int r = 0; r < 2; r++) columns[RIGHT_COLUMN(lane, r) * WORDS + RIGHT_WORD(lane, r)] = right[r];
  barrier(CLK_LOCAL_MEM_FENCE);
  float sums[4] = {sum->s0, sum->s1, sum->s2, sum->s3};
  for (int r = 0; r < 4; r++) {
    local const uint *row = exchange + SUM_ROW(lane, r) * WORDS, *column = columns + SUM_COLUMN(lane, r) * WORDS;
    for (int k = 0; k < WORDS; k++) sums[r] = wordProduct(row[k], column[k], sums[r]);
  }
  *sum = (float4)(sums[0], sums[1], sums[2], sums[3]);
}

#endif

#endif
