// A kernel that computes wrong numbers: one value of each launch.

#include "FaultyOpenCL.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { mostBuffers = 16 };

struct Snapshot {
  int count;
  struct {
    cl_mem memory;
    size_t bytes;
    uint32_t *words;
  } buffers[mostBuffers];
};

static uint32_t *contents(cl_command_queue queue, cl_mem memory, size_t bytes) {
  uint32_t *words = malloc(bytes);
  if (REAL(clEnqueueReadBuffer)(queue, memory, CL_TRUE, 0, bytes, words, 0, NULL, NULL) != CL_SUCCESS) abort();
  return words;
}

Snapshot *snapshotBefore(cl_command_queue queue, cl_kernel handle) {
  const char *name = getenv("FAULTY_OPENCL_CORRUPTS");
  Object *launched = held(kernel, handle);
  if (name == NULL || launched == NULL || strcmp(name, launched->name) != 0) return NULL;
  Snapshot *before = calloc(1, sizeof *before);
  for (size_t i = 0; i < sizeof launched->arguments / sizeof launched->arguments[0]; i++) {
    Object *buffer = launched->arguments[i] ? held(memory, launched->arguments[i]) : NULL;
    for (int other = 0; buffer && other < before->count; other++)
      if (before->buffers[other].memory == buffer->handle) buffer = NULL;
    if (buffer == NULL) continue;
    if (before->count == mostBuffers) abort();
    before->buffers[before->count].memory = buffer->handle;
    before->buffers[before->count].bytes = buffer->bytes;
    before->buffers[before->count++].words = contents(queue, buffer->handle, buffer->bytes);
  }
  return before;
}

// 0, or −0.
static bool isZero(uint32_t word) { return word << 1 == 0; }

// A number by a hundredth too large; an integer (which as a float would be next to 0) by one.
static uint32_t spoilt(uint32_t word) {
  float value;
  memcpy(&value, &word, 4);
  if (!isZero(word) && fabsf(value) < 1e-30f) return word + 1;
  value = !isfinite(value) ? 1 : value == 0 ? 0.01f : value * 1.01f;
  memcpy(&word, &value, 4);
  return word;
}

// The last value that is not 0 (what fills up a panel is nobody's result), or else the last one.
void spoil(cl_command_queue queue, Snapshot *before) {
  cl_mem target = NULL;
  size_t place = 0;
  uint32_t word = 0;
  for (int i = 0; i < before->count; i++) {
    size_t bytes = before->buffers[i].bytes;
    uint32_t *after = contents(queue, before->buffers[i].memory, bytes);
    for (size_t j = 0; j < bytes / 4; j++) {
      if (after[j] == before->buffers[i].words[j] || (target && !isZero(word) && isZero(after[j]))) continue;
      target = before->buffers[i].memory;
      place = j;
      word = after[j];
    }
    free(after);
    free(before->buffers[i].words);
  }
  free(before);
  if (target == NULL) return;
  word = spoilt(word);
  if (REAL(clEnqueueWriteBuffer)(queue, target, CL_TRUE, place * 4, 4, &word, 0, NULL, NULL) != CL_SUCCESS) abort();
}
