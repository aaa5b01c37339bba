// Sums over axes of operands of any strides: see strided.cl, and row.cl for the work-items that share a sum. `kept`
// axes remain, `folded` ones are summed over, and operands have strides in both. Sums are split into blocks of terms,
// and the blocks are summed by further launches.

#define FOLD_OPERAND(x) OPERAND(x), long8 x##Folded
#define FOLD_OPERANDS FOLD_OPERAND(a), FOLD_OPERAND(b), FOLD_OPERAND(c)

// The offsets of the operands' elements, advanced by `at` steps along axis k.
#define STEP_KEPT(k) atA += at * aStrides.s##k, atB += at * bStrides.s##k, atC += at * cStrides.s##k;
#define STEP_FOLDED(k) inA += at * aFolded.s##k, inB += at * bFolded.s##k, inC += at * cFolded.s##k;

// The offsets of the operands of sum number `index`.
#define PLACE_OF_SUM(index)                                                                                                \
  long atA = aStart, atB = bStart, atC = cStart;                                                                           \
  {                                                                                                                        \
    long at = (index) % kept.s7;                                                                                           \
    STEP_KEPT(7)                                                                                                           \
  }                                                                                                                        \
  EACH_AXIS(kept, (index) / kept.s7, STEP_KEPT)

// The offsets of the operands of a run of terms.
#define PLACE_OF_RUN(term)                                                                                                 \
  long inA = atA, inB = atB, inC = atC;                                                                                    \
  EACH_AXIS(folded, (term) / folded.s7, STEP_FOLDED)

// The values of a run's term `term`: of consecutive terms, or of the sums from number `sum` on.
#define VALUES_ALONG(term, count)                                                                                          \
  mapped(function, LOAD_OPERAND(a, inA + (term) * aFolded.s7, aFolded.s7, count),                                          \
         LOAD_OPERAND(b, inB + (term) * bFolded.s7, bFolded.s7, count),                                                    \
         LOAD_OPERAND(c, inC + (term) * cFolded.s7, cFolded.s7, count))
#define VALUES_ACROSS(term, sum, count)                                                                                    \
  mapped(function, LOAD_OPERAND(a, inA + (term) * aFolded.s7 + (sum) * aStrides.s7, aStrides.s7, count),                   \
         LOAD_OPERAND(b, inB + (term) * bFolded.s7 + (sum) * bStrides.s7, bStrides.s7, count),                             \
         LOAD_OPERAND(c, inC + (term) * cFolded.s7 + (sum) * cStrides.s7, cStrides.s7, count))

// For contiguous terms: [sums, blocks]. Dimensions: lanes of the blocks, sums.
kernel void foldAlong(FOLD_OPERANDS, OUTPUT(y), int8 kept, int8 folded, int terms, int block, int function) {
  GROUP_MEMORY;
  int index = get_global_id(1), place = COLUMN_BLOCK, term = place * block, to = min(term + block, terms);
  PLACE_OF_SUM(index)
  floatv sums = 0;
  EACH_RUN(term, to, first, length) {
    PLACE_OF_RUN(term)
    EACH_VECTOR(column, count, first, first + length) sums += firstOf(VALUES_ALONG(column, count), count);
  }
  float sum = ROW_SUM(sums);
  if (LANE == 0) ROW(y, index)[place] = sum;
}

// For contiguous sums: [blocks, sums]. Dimensions: runs of vectors of the columns of each row of sums, lanes of the
// blocks.
kernel void foldAcross(FOLD_OPERANDS, OUTPUT(y), int8 kept, int8 folded, int sumCount, int terms, int block, int function) {
  GROUP_MEMORY;
  RUN_OF_SUMS;
  int place = ROW_BLOCK, isThere = index < sumCount, term = place * block, to = isThere ? min(term + block, terms) : term;
  PLACE_OF_SUM(index)
  floatv sums[ACROSS];
  for (int v = 0; v < ACROSS; v++) sums[v] = 0;
  EACH_RUN(term, to, first, length) {
    PLACE_OF_RUN(term)
    EACH_ROW(row, first, first + length) {
      for (int v = 0; v < vectors; v++) sums[v] += VALUES_ACROSS(row, v * WIDTH, count - v * WIDTH);
    }
  }
  for (int v = 0; v < ACROSS; v++) {
    floatv sum = BLOCK_SUM(sums[v]);
    if (BLOCK_LANE == 0 && isThere && v < vectors) putPart(sum, ROW(y, place) + index + v * WIDTH, count - v * WIDTH, 0);
  }
}
