// Tables of rows: look-up, its gradient, and encodings without a table. A work-item for each [row, column].

// A negative index gives 0.
kernel void gather(INPUT(table), INDICES(indices), OUTPUT(y), int columns, int adds) {
  int column = get_global_id(0), row = get_global_id(1);
  if (column >= columns) return;
  int index = indices[indicesStart + row];
  PUT(&ROW(y, row)[column], index < 0 ? 0 : ROW(table, index)[column], adds);
}

// table[rows[k]] += Σ dy[positions[starts[k] ..< starts[k + 1]]], in the positions' order: no atomics.
kernel void scatterAdd(INPUT(dy), INDICES(rows), INDICES(starts), INDICES(positions), OUTPUT(table), int columns) {
  int column = get_global_id(0), k = get_global_id(1);
  if (column >= columns) return;
  float sum = 0;
  for (int i = starts[startsStart + k]; i < starts[startsStart + k + 1]; i++)
    sum += ROW(dy, positions[positionsStart + i])[column];
  ROW(table, rows[rowsStart + k])[column] += sum;
}

// By `Encode.Encoding`'s numbers: a 1 at the index, or the index itself.
kernel void encode(INDICES(indices), OUTPUT(y), int columns, int encoding) {
  int column = get_global_id(0), row = get_global_id(1);
  if (column >= columns) return;
  int index = indices[indicesStart + row];
  ROW(y, row)[column] = encoding == 0 ? (index == column ? 1 : 0) : index;
}
