// A barrier for all work-groups of a launch, which OpenCL does not have. It holds only while all of them run at once, so they
// meet before any of them writes: where some are still missing after many rounds, all leave with nothing done.
//
// What they meet by, lines of 32 numbers each:
//   line 0       [0] how many groups have started, which numbers them, for drivers start them in any order
//                [1] what came of the last launch's start: 2 · launch where all groups met, and one more where they did not
//                [2] what has failed since the host looked: 1 a start, 2 a later barrier
//   line 1 + i   how many groups of the i-th rows of the grid have come to their barriers
//
// MEET says by what a driver hands over what groups wrote; the probe finds it (see probe.cl):
//   1   OpenCL C 2.0 and later: a fence at device scope, and a load that is atomic
//   2   the same fence, and a load that is volatile
//   3   OpenCL C 1.2, which promises nothing across groups: right on processors, stale on some GPUs
// Counters go up by OpenCL 1.x's atomic functions in all of them: drivers have those whatever scopes they claim.

#define MEETING_LINE 32
#define MEETING_COUNT 0
#define MEETING_START 1
#define MEETING_FAILURE 2

#if MEET
#if MEET == 3
#define DEVICE_FENCE mem_fence(CLK_GLOBAL_MEM_FENCE)
#define NOW_AT(p) atomic_or(p, 0)
#else
#define DEVICE_FENCE atomic_work_item_fence(CLK_GLOBAL_MEM_FENCE, memory_order_acq_rel, memory_scope_device)
#if MEET == 2
#define NOW_AT(p) (*(p))
#else
#define NOW_AT(p) atomic_load_explicit((volatile global atomic_int *)(p), memory_order_relaxed, memory_scope_device)
#endif
#endif

#define IS_FIRST_ITEM (get_local_id(0) == 0 && get_local_id(1) == 0)

// The start of a launch: this group's number into shared[0], and whether all `groups` have met into shared[1].
static inline void startTogether(volatile global int *meeting, int groups, int launch, int rounds, local int *shared) {
  if (IS_FIRST_ITEM) {
    int met = 2 * launch, missed = met + 1;
    // Somebody may have given up already, but all cannot have met: this group is not there.
    int before = NOW_AT(meeting + MEETING_START), now = before;
    int number = atomic_inc(meeting + MEETING_COUNT);
    if (before != missed) {
      if (number == groups - 1) atomic_cmpxchg(meeting + MEETING_START, before, met);
      // After a failure nobody waits until the host has looked.
      int limit = NOW_AT(meeting + MEETING_FAILURE) ? 0 : rounds;
      for (int round = 0; (now = NOW_AT(meeting + MEETING_START)) == before && round < limit; round++) {}
      if (now == before) {
        now = atomic_cmpxchg(meeting + MEETING_START, before, missed);
        if (now == before) {
          atomic_max(meeting + MEETING_FAILURE, 1);
          now = missed;
        }
      }
    }
    shared[0] = number;
    shared[1] = now == met;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
}

// Waits until `wanted` groups have come to a counter; gives whether they have. All groups run, so they are waited for longer.
static inline int meets(volatile global int *meeting, volatile global int *counter, int wanted, int rounds, local int *shared) {
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  if (IS_FIRST_ITEM) {
    DEVICE_FENCE;
    atomic_inc(counter);
    long limit = (long)rounds * 16;
    while (NOW_AT(counter) < wanted && limit > 0) limit--;
    DEVICE_FENCE;
    shared[1] = limit > 0;
    if (!shared[1]) atomic_max(meeting + MEETING_FAILURE, 2);
  }
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  return shared[1];
}
#endif
