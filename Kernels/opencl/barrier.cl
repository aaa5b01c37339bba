// A barrier across all work-groups of a launch (a grid), which OpenCL lacks. It works only if all of them run at the same time,
// so they synchronize before any of them writes: if some are missing after many spins, all exit without effect.
//
// The grid's state, in lines of 32 integers; at the start of a launch [0] of line 0 and the following lines are 0, and the
// fallback launch after it (see cell.cl) resets them:
//   line 0       [0] the number of groups started, which also numbers them, as drivers start them in any order
//                [1] the verdict on the last launch's start: 2 · launch if all groups started, plus one if not
//                [2] failures since the host last read it: 1 for a start, 2 for a later barrier
//   line 1 + i   the number of groups of the i-th rows of the grid that have reached their barriers
//
// GRID_BARRIER selects how writes become visible to other groups; the probe determines it (see probe.cl):
//   1   OpenCL C 2.0 and later: barriers and fences at device scope, and an atomic load
//   2   the same, and a volatile load
//   3   NVIDIA's fence instruction, as that driver's barriers and fences are a work-group's, and a volatile load
//   4   the same for NVIDIA's devices before compute capability 7.0
//   5   OpenCL C 1.2, without a guarantee across groups: correct on processors
// Counters use OpenCL 1.x's atomic functions in all of them: drivers support those whatever scopes they claim.

#define GRID_LINE 32
#define GRID_STARTED 0
#define GRID_VERDICT 1
#define GRID_FAILURE 2

#if GRID_BARRIER
// DEVICE_FENCE orders an item's accesses for all groups; a barrier of the group before it includes those of the other items.
// DEVICE_BARRIER is such a barrier: on AMD's hardware a work-group's does not wait for the stores of its waves.
#define ALL_MEMORY (CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#if GRID_BARRIER <= 2
#define DEVICE_BARRIER work_group_barrier(ALL_MEMORY, memory_scope_device)
#define DEVICE_FENCE atomic_work_item_fence(CLK_GLOBAL_MEM_FENCE, memory_order_acq_rel, memory_scope_device)
#else
#define DEVICE_BARRIER barrier(ALL_MEMORY)
#if (GRID_BARRIER == 5) == defined(cl_nv_pragma_unroll)
#error NVIDIA's instructions are for its devices, where mem_fence is a work-group's
#elif GRID_BARRIER == 3
#define DEVICE_FENCE __asm__ volatile("fence.acq_rel.gpu;" ::: "memory")
#elif GRID_BARRIER == 4
#define DEVICE_FENCE __asm__ volatile("membar.gl;" ::: "memory")
#else
#define DEVICE_FENCE mem_fence(CLK_GLOBAL_MEM_FENCE)
#endif
#endif
#if GRID_BARRIER == 1
#define NOW_AT(p) atomic_load_explicit((volatile global atomic_int *)(p), memory_order_relaxed, memory_scope_device)
#elif GRID_BARRIER == 5
#define NOW_AT(p) atomic_or(p, 0)
#else
#define NOW_AT(p) (*(p))
#endif

#define IS_FIRST_ITEM (get_local_id(0) == 0 && get_local_id(1) == 0)

// The start of a launch: writes this group's number to shared[0], and whether all `groups` have started to shared[1].
static inline void gridStart(volatile global int *grid, int groups, int launch, int spins, local int *shared) {
  if (IS_FIRST_ITEM) {
    int complete = 2 * launch, incomplete = complete + 1;
    // Read before this group is counted: until then a group can have given up, but not all can have started.
    int before = NOW_AT(grid + GRID_VERDICT), now = before;
    int number = atomic_inc(grid + GRID_STARTED);
    if (before != incomplete && before != complete) {
      if (number == groups - 1) atomic_cmpxchg(grid + GRID_VERDICT, before, complete);
      // After a failure no group spins until the host has read it.
      int limit = NOW_AT(grid + GRID_FAILURE) ? 0 : spins;
      for (int spin = 0; (now = NOW_AT(grid + GRID_VERDICT)) == before && spin < limit; spin++) {}
      if (now == before) {
        now = atomic_cmpxchg(grid + GRID_VERDICT, before, incomplete);
        if (now == before) {
          atomic_max(grid + GRID_FAILURE, 1);
          now = incomplete;
        }
      }
    }
    shared[0] = number;
    shared[1] = now == complete;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
}

// Counts this group's arrival. What its items wrote before is visible to the groups that wait for the count; what they write
// between gridArrive and gridWait is not.
static inline void gridArrive(volatile global int *counter) {
  DEVICE_BARRIER;
  if (IS_FIRST_ITEM) {
    DEVICE_FENCE;
    atomic_inc(counter);
  }
}

// Waits until `wanted` groups have arrived at a counter; returns whether they have. All groups are running, so the limit is
// higher than at the start.
static inline int gridWait(volatile global int *grid, volatile global int *counter, int wanted, int spins, local int *shared) {
  if (IS_FIRST_ITEM) {
    long limit = (long)spins * 16;
    while (NOW_AT(counter) < wanted && limit > 0) limit--;
    DEVICE_FENCE;
    shared[1] = limit > 0;
    if (!shared[1]) atomic_max(grid + GRID_FAILURE, 2);
  }
  DEVICE_BARRIER;
  return shared[1];
}

static inline int gridBarrier(volatile global int *grid, volatile global int *counter, int wanted, int spins,
                              local int *shared) {
  gridArrive(counter);
  return gridWait(grid, counter, wanted, spins, shared);
}
#endif
