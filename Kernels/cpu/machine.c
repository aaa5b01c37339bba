// Machine-specific functions: denormal numbers flushed to 0, and the number of cores.
#define _GNU_SOURCE
#include "CPUKernels.h"

#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

#if defined(__x86_64__)

#include <immintrin.h>

// Bit 15 flushes results that are denormal, bit 6 takes denormal operands as 0.
uint64_t cpuFlushDenormals(void) {
  unsigned int state = _mm_getcsr();
  _mm_setcsr(state | 0x8040);
  return state;
}

void cpuRestoreDenormals(uint64_t state) { _mm_setcsr((unsigned int)state); }

#elif defined(__aarch64__)

// Bit 24 of the control register flushes denormals, operands and results.
uint64_t cpuFlushDenormals(void) {
  uint64_t state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0" : : "r"(state | (1u << 24)));
  return state;
}

void cpuRestoreDenormals(uint64_t state) { __asm__ volatile("msr fpcr, %0" : : "r"(state)); }

#else

uint64_t cpuFlushDenormals(void) { return 0; }

void cpuRestoreDenormals(uint64_t state) { (void)state; }

#endif

size_t cpuAvailableCores(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return (size_t)CPU_COUNT(&set);
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : (size_t)count;
}
