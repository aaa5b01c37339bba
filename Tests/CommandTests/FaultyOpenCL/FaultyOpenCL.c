// An OpenCL library that hands every call on to the real one, and goes wrong when it is told to:
//
//   FAULTY_OPENCL_FAULT=clFinish:3:-5     the device goes with the fourth clFinish: this and all later calls return -5
//   FAULTY_OPENCL_BREAKS=TEXT             a source that contains TEXT does not compile
//   FAULTY_OPENCL_REFUSES_BINARIES=1      programs from binaries do not build
//   FAULTY_OPENCL_LARGEST=BYTES           the largest allocation that the device admits
//   FAULTY_OPENCL_HANGS=1                 no command is ever seen to end
//   FAULTY_OPENCL_COUNTS=FILE             at the end, how many objects of each sort were created and released, how many
//                                         programs built, how often each call came
//
// What is not defined here is found in the real library, against which this one is linked.

#define _GNU_SOURCE
#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REAL(name) ((__typeof__(name) *)real(#name))

static void *real(const char *name) {
  static void *library;
  if (library == NULL) library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
  void *function = library ? dlsym(library, name) : NULL;
  if (function == NULL) abort();
  return function;
}

// MARK: Counts

enum Sort { context, queue, memory, program, kernel, event, sorts };
static const char *const sortNames[] = {"context", "queue", "memory", "program", "kernel", "event"};
static atomic_int created[sorts], released[sorts], sources, binaries;

// The calls that may fail, and how often they came.
static const char *const calls[] = {
  "clCreateContext", "clCreateCommandQueue", "clCreateBuffer", "clCreateKernel", "clBuildProgram", "clSetKernelArg",
  "clEnqueueNDRangeKernel", "clEnqueueFillBuffer", "clEnqueueReadBuffer", "clEnqueueWriteBuffer",
  "clEnqueueMarkerWithWaitList", "clFlush", "clFinish", "clWaitForEvents",
};
enum { callCount = sizeof calls / sizeof calls[0] };
static atomic_int came[callCount];

__attribute__((destructor)) static void writeCounts(void) {
  const char *path = getenv("FAULTY_OPENCL_COUNTS");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (file == NULL) return;
  for (int sort = 0; sort < sorts; sort++)
    fprintf(file, "%s %d %d\n", sortNames[sort], created[sort], released[sort]);
  fprintf(file, "compiled %d\nrestored %d\n", sources, binaries);
  for (int i = 0; i < callCount; i++) fprintf(file, "%s %d\n", calls[i], came[i]);
  fclose(file);
}

// MARK: Faults

// What a call shall return: 0 unless the device has gone.
static cl_int faultOf(const char *call) {
  static atomic_int lost;
  const char *fault = getenv("FAULTY_OPENCL_FAULT");
  char name[64];
  int passing, status, place = 0;
  while (strcmp(calls[place], call) != 0) place++;
  int before = came[place]++;
  if (lost || fault == NULL || sscanf(fault, "%63[^:]:%d:%d", name, &passing, &status) != 3) return lost;
  return strcmp(name, call) == 0 && before >= passing ? (lost = status) : 0;
}

#define STATUS(name, parameters, arguments)                                                                                \
  cl_int name parameters {                                                                                                 \
    cl_int fault = faultOf(#name);                                                                                         \
    return fault ? fault : REAL(name) arguments;                                                                           \
  }

#define WITH_EVENT(name, parameters, arguments)                                                                            \
  cl_int name parameters {                                                                                                 \
    cl_int fault = faultOf(#name);                                                                                         \
    cl_int result = fault ? fault : REAL(name) arguments;                                                                  \
    if (result == 0 && out) created[event]++;                                                                              \
    return result;                                                                                                         \
  }

#define CREATE(type, sort, name, parameters, arguments)                                                                    \
  type name parameters {                                                                                                   \
    cl_int fault = faultOf(#name);                                                                                         \
    if (fault && status) *status = fault;                                                                                  \
    type object = fault ? NULL : REAL(name) arguments;                                                                     \
    if (object) created[sort]++;                                                                                           \
    return object;                                                                                                         \
  }

#define RELEASE(type, sort, name)                                                                                          \
  cl_int name(type object) {                                                                                               \
    released[sort]++;                                                                                                      \
    return REAL(name)(object);                                                                                             \
  }

CREATE(
  cl_context, context, clCreateContext,
  (const cl_context_properties *p, cl_uint n, const cl_device_id *d,
   void (CL_CALLBACK *f)(const char *, const void *, size_t, void *), void *u, cl_int *status),
  (p, n, d, f, u, status))
CREATE(
  cl_command_queue, queue, clCreateCommandQueue,
  (cl_context c, cl_device_id d, cl_command_queue_properties p, cl_int *status), (c, d, p, status))
CREATE(
  cl_mem, memory, clCreateBuffer, (cl_context c, cl_mem_flags f, size_t n, void *p, cl_int *status), (c, f, n, p, status))
CREATE(cl_kernel, kernel, clCreateKernel, (cl_program p, const char *n, cl_int *status), (p, n, status))

RELEASE(cl_context, context, clReleaseContext)
RELEASE(cl_command_queue, queue, clReleaseCommandQueue)
RELEASE(cl_mem, memory, clReleaseMemObject)
RELEASE(cl_program, program, clReleaseProgram)
RELEASE(cl_kernel, kernel, clReleaseKernel)
RELEASE(cl_event, event, clReleaseEvent)

// What was enqueued before the device went ends nevertheless: nobody uses the host's memory when this has returned.
cl_int clFinish(cl_command_queue q) {
  cl_int fault = faultOf("clFinish"), result = REAL(clFinish)(q);
  return fault ? fault : result;
}

STATUS(clFlush, (cl_command_queue q), (q))
STATUS(clSetKernelArg, (cl_kernel k, cl_uint i, size_t n, const void *v), (k, i, n, v))
STATUS(clWaitForEvents, (cl_uint n, const cl_event *e), (n, e))
WITH_EVENT(
  clEnqueueNDRangeKernel,
  (cl_command_queue q, cl_kernel k, cl_uint d, const size_t *o, const size_t *g, const size_t *l, cl_uint n,
   const cl_event *e, cl_event *out),
  (q, k, d, o, g, l, n, e, out))
WITH_EVENT(
  clEnqueueFillBuffer,
  (cl_command_queue q, cl_mem m, const void *v, size_t s, size_t o, size_t b, cl_uint n, const cl_event *e, cl_event *out),
  (q, m, v, s, o, b, n, e, out))
WITH_EVENT(
  clEnqueueReadBuffer,
  (cl_command_queue q, cl_mem m, cl_bool w, size_t o, size_t b, void *v, cl_uint n, const cl_event *e, cl_event *out),
  (q, m, w, o, b, v, n, e, out))
WITH_EVENT(
  clEnqueueWriteBuffer,
  (cl_command_queue q, cl_mem m, cl_bool w, size_t o, size_t b, const void *v, cl_uint n, const cl_event *e, cl_event *out),
  (q, m, w, o, b, v, n, e, out))
WITH_EVENT(
  clEnqueueMarkerWithWaitList, (cl_command_queue q, cl_uint n, const cl_event *e, cl_event *out), (q, n, e, out))

cl_int clGetEventInfo(cl_event e, cl_event_info parameter, size_t size, void *value, size_t *actual) {
  cl_int status = REAL(clGetEventInfo)(e, parameter, size, value, actual);
  if (getenv("FAULTY_OPENCL_HANGS") && parameter == CL_EVENT_COMMAND_EXECUTION_STATUS) *(cl_int *)value = CL_RUNNING;
  return status;
}

// MARK: Programs

// A program from a binary, which is to be refused.
static _Atomic(cl_program) refused;

cl_program clCreateProgramWithSource(
  cl_context c, cl_uint n, const char **texts, const size_t *lengths, cl_int *status) {
  const char *breaks = getenv("FAULTY_OPENCL_BREAKS");
  const char *pair[] = {texts[0], "\n#error this driver cannot compile it\n"};
  // Recur hands over one text that ends with a 0.
  cl_uint count = breaks && strstr(texts[0], breaks) ? 2 : 1;
  cl_program object = REAL(clCreateProgramWithSource)(c, count, pair, NULL, status);
  if (object) created[program]++;
  return object;
}

cl_program clCreateProgramWithBinary(
  cl_context c, cl_uint n, const cl_device_id *d, const size_t *lengths, const unsigned char **bytes, cl_int *each,
  cl_int *status) {
  cl_program object = REAL(clCreateProgramWithBinary)(c, n, d, lengths, bytes, each, status);
  if (object == NULL) return NULL;
  created[program]++;
  binaries++;
  sources--;
  if (getenv("FAULTY_OPENCL_REFUSES_BINARIES")) refused = object;
  return object;
}

cl_int clBuildProgram(
  cl_program p, cl_uint n, const cl_device_id *d, const char *o, void (CL_CALLBACK *f)(cl_program, void *), void *u) {
  sources++;
  if (p == refused) {
    refused = NULL;
    return CL_BUILD_PROGRAM_FAILURE;
  }
  cl_int fault = faultOf("clBuildProgram");
  return fault ? fault : REAL(clBuildProgram)(p, n, d, o, f, u);
}

// MARK: Devices

cl_int clGetDeviceInfo(cl_device_id d, cl_device_info parameter, size_t size, void *value, size_t *actual) {
  const char *largest = getenv("FAULTY_OPENCL_LARGEST");
  cl_int status = REAL(clGetDeviceInfo)(d, parameter, size, value, actual);
  if (largest && parameter == CL_DEVICE_MAX_MEM_ALLOC_SIZE && status == 0 && value)
    *(cl_ulong *)value = strtoull(largest, NULL, 10);
  return status;
}
