// Tables: gather, its gradient, and encodings without a table. A work-item per [row, vector of columns], the last of
// which may be partial; for `encode` per [row, column].

// A negative index gives 0.
kernel void gather(INPUT(table), INDICES(indices), OUTPUT(y), int columns, int adds) {
  int column = get_global_id(0) * WIDTH, row = get_global_id(1);
  if (column >= columns) return;
  int index = indices[indicesStart + row];
  const global float *from = ROW(table, max(index, 0)) + column;
  global float *to = ROW(y, row) + column;
  if (column + WIDTH <= columns) {
    floatv values = index < 0 ? (floatv)(0.0f) : VLOAD(from);
    VSTORE(adds ? VLOAD(to) + values : values, to);
  } else {
    for (int i = 0; column + i < columns; i++) PUT(to + i, index < 0 ? 0 : from[i], adds);
  }
}

// table[rows[k]] += Σ dy[positions[starts[k] ..< starts[k + 1]]], in the positions' order: no atomics.
kernel void scatterAdd(INPUT(dy), INDICES(rows), INDICES(starts), INDICES(positions), OUTPUT(table), int columns) {
  int column = get_global_id(0) * WIDTH, k = get_global_id(1);
  if (column >= columns) return;
  int first = starts[startsStart + k], end = starts[startsStart + k + 1];
  global float *to = ROW(table, rows[rowsStart + k]) + column;
  if (column + WIDTH <= columns) {
    floatv sum = 0;
    for (int i = first; i < end; i++) sum += VLOAD(ROW(dy, positions[positionsStart + i]) + column);
    VSTORE(VLOAD(to) + sum, to);
  } else {
    for (int c = 0; column + c < columns; c++) {
      float sum = 0;
      for (int i = first; i < end; i++) sum += ROW(dy, positions[positionsStart + i])[column + c];
      to[c] += sum;
    }
  }
}

// By the raw values of `Encode.Encoding`: one-hot, or the index itself, 0 for a negative one.
kernel void encode(INDICES(indices), OUTPUT(y), int columns, int encoding) {
  int column = get_global_id(0), row = get_global_id(1);
  if (column >= columns) return;
  int index = indices[indicesStart + row];
  ROW(y, row)[column] = encoding == 0 ? (index == column ? 1 : 0) : max(index, 0);
}
