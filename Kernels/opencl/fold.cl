// Sums and maxima over axes of operands of any strides: see strided.cl, and row.cl for who shares a sum. `kept` axes stay,
// `folded` ones are summed over, and operands have strides in both. Sums are made of blocks of terms, and the blocks are summed
// by further launches.

#define FOLD_OPERAND(x) OPERAND(x), long8 x##Folded
#define FOLD_OPERANDS FOLD_OPERAND(a), FOLD_OPERAND(b), FOLD_OPERAND(c)

// The places of the operands' elements, from those of others: `at` steps along axis k.
#define STEP_KEPT(k) atA += at * aStrides.s##k, atB += at * bStrides.s##k, atC += at * cStrides.s##k;
#define STEP_FOLDED(k) inA += at * aFolded.s##k, inB += at * bFolded.s##k, inC += at * cFolded.s##k;

// Where sum number `index` finds its operands.
#define PLACE_OF_SUM(index)                                                                                                \
  long atA = aStart, atB = bStart, atC = cStart;                                                                           \
  {                                                                                                                        \
    long at = (index) % kept.s7;                                                                                           \
    STEP_KEPT(7)                                                                                                           \
  }                                                                                                                        \
  EACH_AXIS(kept, (index) / kept.s7, STEP_KEPT)

// Terms from `term` to `to` as runs along the innermost axis: `column` is a run's first, `length` how many.
#define EACH_RUN(term, to, column, length)                                                                                 \
  for (int column, length; (term) < (to) && (column = (term) % folded.s7,                                                  \
                                             length = min(folded.s7 - column, (to) - (term)), 1); term += length)

// Where a run's row finds the operands.
#define PLACE_OF_RUN(term)                                                                                                 \
  long inA = atA, inB = atB, inC = atC;                                                                                    \
  EACH_AXIS(folded, (term) / folded.s7, STEP_FOLDED)

#define VALUE(column, strides, count)                                                                                      \
  mapped(function, LOAD_OPERAND(a, inA + (column) * aFolded.s7, a##strides.s7, count),                                     \
         LOAD_OPERAND(b, inB + (column) * bFolded.s7, b##strides.s7, count),                                               \
         LOAD_OPERAND(c, inC + (column) * cFolded.s7, c##strides.s7, count))

// Where terms lie side by side: [sums, blocks]. Dimensions: lanes of the blocks, sums.
kernel void foldAlong(FOLD_OPERANDS, OUTPUT(y), int8 kept, int8 folded, int terms, int block, int function) {
  GROUP_MEMORY;
  int index = get_global_id(1), place = COLUMN_BLOCK, term = place * block, to = min(term + block, terms);
  PLACE_OF_SUM(index)
  floatv sums = 0;
  EACH_RUN(term, to, first, length) {
    PLACE_OF_RUN(term)
    EACH_VECTOR(column, count, first, first + length) sums += firstOf(VALUE(column, Folded, count), count);
  }
  float sum = ROW_SUM(sums);
  if (LANE == 0) ROW(y, index)[place] = sum;
}

// Where sums lie side by side: [blocks, sums]. Dimensions: vectors of the columns of each row of sums, lanes of the blocks.
kernel void foldAcross(FOLD_OPERANDS, OUTPUT(y), int8 kept, int8 folded, int sumCount, int terms, int block, int function) {
  GROUP_MEMORY;
  int vectors = (kept.s7 + WIDTH - 1) / WIDTH, vector = get_global_id(0), place = ROW_BLOCK;
  int index = vector / vectors * kept.s7 + vector % vectors * WIDTH, count = kept.s7 - vector % vectors * WIDTH;
  int isThere = index < sumCount, term = place * block, to = isThere ? min(term + block, terms) : term;
  PLACE_OF_SUM(index)
  floatv sums = 0;
  EACH_RUN(term, to, first, length) {
    PLACE_OF_RUN(term)
    EACH_ROW(column, first, first + length) sums += VALUE(column, Strides, count);
  }
  floatv sum = BLOCK_SUM(sums);
  if (BLOCK_LANE == 0 && isThere) putPart(sum, ROW(y, place) + index, count, 0);
}

// The largest of the terms and its number, a work-item each. Of equal ones the first; a NaN is larger than any number.
kernel void maxima(const global float *a, long aStart, long8 aStrides, long8 aFolded, global float *y, long yStart, long8 yStrides,
                   global int *winners, long winnersStart, int8 kept, int8 folded, int sumCount, int terms, int writes) {
  int index = get_global_id(0);
  if (index >= sumCount) return;
  long atA = aStart, atY = yStart;
#define STEP_MAXIMUM(k) atA += at * aStrides.s##k, atY += at * yStrides.s##k;
  {
    long at = index % kept.s7;
    STEP_MAXIMUM(7)
  }
  EACH_AXIS(kept, index / kept.s7, STEP_MAXIMUM)
  float best = 0;
  int winner = -1, term = 0;
  EACH_RUN(term, terms, first, length) {
    long inA = atA + first * aFolded.s7;
#define STEP_TERM(k) inA += at * aFolded.s##k;
    EACH_AXIS(folded, term / folded.s7, STEP_TERM)
    for (int i = 0; i < length; i++) {
      float value = a[inA + i * aFolded.s7];
      int wins = winner < 0 || value > best || (value != value && best == best);
      best = wins ? value : best;
      winner = wins ? term + i : winner;
    }
  }
  if (writes) y[atY] = best;
  winners[winnersStart + index] = winner;
}

// Adds each maximum's gradient to the term that won, a work-item each.
kernel void maximaBackward(const global float *dy, long dyStart, long8 dyStrides, INDICES(winners), global float *dx,
                           long dxStart, long8 dxStrides, long8 dxFolded, int8 kept, int8 folded, int sumCount) {
  int index = get_global_id(0);
  if (index >= sumCount) return;
  long from = dyStart, to = dxStart;
#define STEP_GRADIENT(k) from += at * dyStrides.s##k, to += at * dxStrides.s##k;
#define STEP_WINNER(k) to += at * dxFolded.s##k;
  int winner = winners[winnersStart + index];
  {
    long at = index % kept.s7;
    STEP_GRADIENT(7)
    at = winner % folded.s7;
    STEP_WINNER(7)
  }
  EACH_AXIS(kept, index / kept.s7, STEP_GRADIENT)
  EACH_AXIS(folded, winner / folded.s7, STEP_WINNER)
  dx[to] += dy[from];
}
