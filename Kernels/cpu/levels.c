// The templates, compiled once per instruction set, and the choice among them.
//
// The attribute names features, not an architecture level, and sets min_vector_width: only so do vectors of 64 bytes stay
// whole. Everything that takes a vector is inlined, so no call crosses a change of the vector ABI.
#include "CPUKernels.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define JOIN_(name, level) name##_##level
#define JOIN(name, level) JOIN_(name, level)
#define NAME(name) JOIN(name, LEVEL)

#if defined(__x86_64__)

#define LEVEL baseline
#define WIDTH 4
#define TILE_ROWS 3
#include "level.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"), min_vector_width(256))), apply_to = function)
#define LEVEL avx2
#define WIDTH 8
#define TILE_ROWS 3
#include "level.h"
#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma"), min_vector_width(512))), apply_to = function)
#define LEVEL avx512
#define WIDTH 16
#define TILE_ROWS 6
#include "level.h"
#pragma clang attribute pop

const CPUKernels *cpuKernels(const char *level) {
  int hasAVX2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  int hasAVX512 = hasAVX2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
    && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (strcmp(level, "avx512") == 0 && hasAVX512) return &kernels_avx512;
  if (strcmp(level, "avx2") == 0 && hasAVX2) return &kernels_avx2;
  return strcmp(level, "baseline") == 0 ? &kernels_baseline : NULL;
}

#else

#define LEVEL native
#define WIDTH 4
#define TILE_ROWS 6
#include "level.h"

const CPUKernels *cpuKernels(const char *level) {
#if defined(__aarch64__)
  const char *name = "neon";
#else
  const char *name = "baseline";
#endif
  return strcmp(level, name) == 0 ? &kernels_native : NULL;
}

#endif
