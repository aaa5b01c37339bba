// Feature probes, mostly for `recur devices --verbose`: one program per macro, with a kernel `probe` that reads its
// operands from `x` and writes its findings there. Recur's other kernels do not depend on them.

#ifdef PROBE_SUBGROUPS
// Every work-item reports the size of its subgroup, by the size function and by a sum over the subgroup.
#ifdef cl_khr_subgroups
#pragma OPENCL EXTENSION cl_khr_subgroups : enable
#endif
#ifdef SIZE
__attribute__((intel_reqd_sub_group_size(SIZE)))
#endif
kernel void probe(global int *x) {
  int size = get_sub_group_size(), sum = sub_group_reduce_add(1);
  x[get_local_id(0)] = size == sum ? size : -1;
}
#endif

#ifdef PROBE_HALF
// 2048 + 1 is 2048 in half precision; 1.5 · 2.5 · 4 is exact.
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
kernel void probe(global int *x) {
  half a = x[0], b = x[1], c = x[2];
  x[0] = a + b;
  x[1] = c / 2 * (c / 2 + b) * 4;
}
#endif

#ifdef PROBE_HALF_STORAGE
// Values stored in two bytes each: 2049 becomes 2048, 3 stays 3.
kernel void probe(global int *x) {
  global half *kept = (global half *)(x + 8);
  vstore_half((float)(x[0] + x[1]), 0, kept);
  vstore_half((float)x[2], 1, kept);
  x[0] = vload_half(0, kept);
  x[1] = vload_half(1, kept);
}
#endif

#ifdef PROBE_DOUBLE
// 2³⁰ + 1 has 31 significant bits: a float has 24.
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
kernel void probe(global int *x) {
  double a = x[0], b = x[1];
  x[0] = (a * 524288 + b) - a * 524288;
  x[1] = a / 2 + b;
}
#endif

#ifdef PROBE_FENCE
// A value passed at device scope, by the work-item that wrote it: there is no wait, so this cannot hang.
kernel void probe(global int *x) {
  volatile global atomic_int *flag = (volatile global atomic_int *)(x + 8);
  x[1] = x[0] + x[2];
  atomic_work_item_fence(CLK_GLOBAL_MEM_FENCE, memory_order_acq_rel, memory_scope_device);
  atomic_store_explicit(flag, 7, memory_order_release, memory_scope_device);
  x[0] = atomic_load_explicit(flag, memory_order_acquire, memory_scope_device);
}
#endif

#ifdef PROBE_LOOPS
// As many rounds as a sequence in one launch may need. Mesa's llvmpipe ends all loops of a work-item after 65,535.
kernel void probe(global int *x) {
  uint mixed = x[1];
  for (int i = 0, rounds = x[0] << 7; i < rounds; i++) mixed = mixed * 1664525u + 1013904223u;
  x[0] = mixed;
}
#endif

#ifdef PROBE_GRID_BARRIER
// A litmus test of the barrier. In each of x[0] rounds every work-item, and so every wave, writes VALUES values of its own;
// the groups synchronize; then every item reads values of x[1] other groups, each round from other waves and groups. Two sets
// of values alternate, so that one barrier a round is enough, and what a cache kept from two rounds ago is wrong. x[8] counts
// the groups that completed all rounds, x[9] the wrong values. x[2] is the number of groups.
#define VALUES 4
#define VALUE(round, index) ((int)((round) * 1664525u + (index)))
kernel void probe(global int *x) {
  local int shared[2];
  int rounds = x[0], reads = x[1], wanted = x[2], wrong = 0;
  int groups = get_num_groups(0), items = get_local_size(0), item = get_local_id(0), count = groups * items;
  volatile global int *grid = x + 64;
  gridStart(grid, groups, 1, SPINS, shared);
  int number = shared[0], runs = shared[1];
  for (int round = 1; round <= rounds && runs; round++) {
    global int *values = x + 128 + (round & 1) * VALUES * count;
    for (int v = 0; v < VALUES && reads; v++) {
      int index = v * count + number * items + item;
      values[index] = VALUE(round, index);
    }
    runs = gridBarrier(grid, grid + GRID_LINE, round * wanted, SPINS, shared);
    for (int i = 0; i < reads && runs; i++) {
      int group = (number + 1 + i + reads * round) % groups, other = (item + 37 * (round + i)) % items;
      int index = (round + i) % VALUES * count + group * items + other;
      wrong += values[index] != VALUE(round, index);
    }
  }
  if (wrong) atomic_add(x + 9, wrong);
  if (item == 0 && runs) atomic_inc(x + 8);
}
#endif
