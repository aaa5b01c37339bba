// An OpenCL library that hands every call on to the real one, and goes wrong when it is told to:
//
//   FAULTY_OPENCL_FAULT=clFinish:3:-5       the device goes with the fourth clFinish: this and all later calls, of whatever
//                                           sort, return -5; what makes something gives NULL
//   FAULTY_OPENCL_FAULT=clFinish:3:-5:once  only that call fails
//   FAULTY_OPENCL_CORRUPTS=KERNEL           one of the values that each launch of a kernel writes is a hundredth too large
//   FAULTY_OPENCL_BREAKS=TEXT               a source that contains TEXT does not compile
//   FAULTY_OPENCL_REFUSES_BINARIES=1        programs from binaries do not build
//   FAULTY_OPENCL_HANGS=1                   no command is ever seen to end
//   FAULTY_OPENCL_PROPERTIES=0x1000=4,…     what devices answer to a query for a number; nothing after the = makes it fail
//   FAULTY_OPENCL_PLATFORMS=none            there is no platform, though all is well
//   FAULTY_OPENCL_PLATFORMS=twice           each platform is listed twice, as two drivers for the same devices
//   FAULTY_OPENCL_PLATFORMS=broken          before the others there is a platform whose every call fails
//   FAULTY_OPENCL_COUNTS=FILE               at the end: how many objects of each sort were created, released, and released
//                                           once too often; how many programs were compiled and restored; how often each
//                                           call came and each kernel was launched
//
// A release that fails has released nevertheless.

#include "FaultyOpenCL.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void *real(const char *name) {
  static void *library;
  if (library == NULL) library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
  void *function = library ? dlsym(library, name) : NULL;
  if (function == NULL) abort();
  return function;
}

// MARK: Calls

// All that Recur calls. What is not defined below is missed by the static assertions at the end.
#define NUMBER(name) name##Call,
enum Call { RECUR_OPENCL_FUNCTIONS(NUMBER) callCount };
#define NAME(name) #name,
static const char *const callNames[] = {RECUR_OPENCL_FUNCTIONS(NAME)};
static atomic_int came[callCount];
static atomic_int compiled, restored;

__attribute__((destructor)) static void writeCounts(void) {
  const char *path = getenv("FAULTY_OPENCL_COUNTS");
  FILE *file = path ? fopen(path, "w") : NULL;
  if (file == NULL) return;
  writeObjects(file);
  fprintf(file, "compiled %d\nrestored %d\n", compiled, restored);
  for (int i = 0; i < callCount; i++) fprintf(file, "%s %d\n", callNames[i], came[i]);
  fclose(file);
}

// Whether a call is to fail, and with what.
static bool fails(enum Call call, cl_int *status) {
  static atomic_bool hasGone;
  const char *fault = getenv("FAULTY_OPENCL_FAULT");
  char name[64], rest[8] = "";
  int passing, before = came[call]++;
  if (fault == NULL || sscanf(fault, "%63[^:]:%d:%d:%7s", name, &passing, status, rest) < 3) return false;
  bool isOnce = strcmp(rest, "once") == 0, isIt = strcmp(name, callNames[call]) == 0 && before == passing;
  if (isIt && !isOnce) hasGone = true;
  return isIt || hasGone;
}

#define FAIL_WITH_STATUS(name)                                                                                             \
  cl_int failure;                                                                                                          \
  if (fails(name##Call, &failure)) return failure
#define FAIL_WITH_NULL(name)                                                                                               \
  cl_int failure;                                                                                                          \
  if (fails(name##Call, &failure)) {                                                                                       \
    if (status) *status = failure;                                                                                         \
    return NULL;                                                                                                           \
  }                                                                                                                        \
  (void)0
#define IS_DEFINED(name) enum { name##IsDefined = 1 }

#define STATUS(name, parameters, arguments)                                                                                \
  IS_DEFINED(name);                                                                                                        \
  cl_int name parameters {                                                                                                 \
    FAIL_WITH_STATUS(name);                                                                                                \
    return REAL(name) arguments;                                                                                           \
  }

#define WITH_EVENT(name, parameters, arguments)                                                                            \
  IS_DEFINED(name);                                                                                                        \
  cl_int name parameters {                                                                                                 \
    FAIL_WITH_STATUS(name);                                                                                                \
    cl_int result = REAL(name) arguments;                                                                                  \
    if (result == CL_SUCCESS && out) hold(event, *out);                                                                    \
    return result;                                                                                                         \
  }

#define CREATE(type, sort, name, parameters, arguments)                                                                    \
  IS_DEFINED(name);                                                                                                        \
  type name parameters {                                                                                                   \
    FAIL_WITH_NULL(name);                                                                                                  \
    type object = REAL(name) arguments;                                                                                    \
    hold(sort, object);                                                                                                    \
    return object;                                                                                                         \
  }

#define RELEASE(type, sort, name)                                                                                          \
  IS_DEFINED(name);                                                                                                        \
  cl_int name(type object) {                                                                                               \
    cl_int failure, result = letGo(sort, object) ? REAL(name)(object) : CL_INVALID_VALUE;                                  \
    return fails(name##Call, &failure) ? failure : result;                                                                 \
  }

// MARK: Context, queue, memory

CREATE(
  cl_context, context, clCreateContext,
  (const cl_context_properties *p, cl_uint n, const cl_device_id *d,
   void (CL_CALLBACK *f)(const char *, const void *, size_t, void *), void *u, cl_int *status),
  (p, n, d, f, u, status))
CREATE(
  cl_command_queue, queue, clCreateCommandQueue,
  (cl_context c, cl_device_id d, cl_command_queue_properties p, cl_int *status), (c, d, p, status))

RELEASE(cl_context, context, clReleaseContext)
RELEASE(cl_command_queue, queue, clReleaseCommandQueue)
RELEASE(cl_mem, memory, clReleaseMemObject)
RELEASE(cl_program, program, clReleaseProgram)
RELEASE(cl_kernel, kernel, clReleaseKernel)
RELEASE(cl_event, event, clReleaseEvent)

IS_DEFINED(clCreateBuffer);
cl_mem clCreateBuffer(cl_context c, cl_mem_flags f, size_t n, void *p, cl_int *status) {
  FAIL_WITH_NULL(clCreateBuffer);
  cl_mem buffer = REAL(clCreateBuffer)(c, f, n, p, status);
  Object *object = hold(memory, buffer);
  if (object) object->bytes = n;
  return buffer;
}

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

STATUS(clFlush, (cl_command_queue q), (q))
STATUS(clWaitForEvents, (cl_uint n, const cl_event *e), (n, e))

// What was enqueued ends before this returns, also if it fails: so the device's memory may be released.
IS_DEFINED(clFinish);
cl_int clFinish(cl_command_queue q) {
  cl_int failure, result = REAL(clFinish)(q);
  return fails(clFinishCall, &failure) ? failure : result;
}

IS_DEFINED(clGetEventInfo);
cl_int clGetEventInfo(cl_event e, cl_event_info parameter, size_t size, void *value, size_t *actual) {
  FAIL_WITH_STATUS(clGetEventInfo);
  cl_int result = REAL(clGetEventInfo)(e, parameter, size, value, actual);
  if (getenv("FAULTY_OPENCL_HANGS") && parameter == CL_EVENT_COMMAND_EXECUTION_STATUS) *(cl_int *)value = CL_RUNNING;
  return result;
}

STATUS(
  clGetEventProfilingInfo, (cl_event e, cl_profiling_info parameter, size_t size, void *value, size_t *actual),
  (e, parameter, size, value, actual))

// MARK: Programs

// A program from a binary, which is to be refused.
static _Atomic(cl_program) refused;

IS_DEFINED(clCreateProgramWithSource);
cl_program clCreateProgramWithSource(cl_context c, cl_uint n, const char **texts, const size_t *lengths, cl_int *status) {
  FAIL_WITH_NULL(clCreateProgramWithSource);
  const char *breaks = getenv("FAULTY_OPENCL_BREAKS");
  const char *pair[] = {texts[0], "\n#error this driver cannot compile it\n"};
  // Recur hands over one text that ends with a 0.
  cl_uint count = breaks && strstr(texts[0], breaks) ? 2 : 1;
  cl_program object = REAL(clCreateProgramWithSource)(c, count, pair, NULL, status);
  hold(program, object);
  return object;
}

IS_DEFINED(clCreateProgramWithBinary);
cl_program clCreateProgramWithBinary(
  cl_context c, cl_uint n, const cl_device_id *d, const size_t *lengths, const unsigned char **bytes, cl_int *each,
  cl_int *status) {
  FAIL_WITH_NULL(clCreateProgramWithBinary);
  cl_program object = REAL(clCreateProgramWithBinary)(c, n, d, lengths, bytes, each, status);
  if (hold(program, object) == NULL) return NULL;
  restored++;
  compiled--;
  if (getenv("FAULTY_OPENCL_REFUSES_BINARIES")) refused = object;
  return object;
}

IS_DEFINED(clBuildProgram);
cl_int clBuildProgram(
  cl_program p, cl_uint n, const cl_device_id *d, const char *o, void (CL_CALLBACK *f)(cl_program, void *), void *u) {
  FAIL_WITH_STATUS(clBuildProgram);
  compiled++;
  if (p == refused) {
    refused = NULL;
    return CL_BUILD_PROGRAM_FAILURE;
  }
  return REAL(clBuildProgram)(p, n, d, o, f, u);
}

STATUS(
  clGetProgramInfo, (cl_program p, cl_program_info parameter, size_t size, void *value, size_t *actual),
  (p, parameter, size, value, actual))
STATUS(
  clGetProgramBuildInfo,
  (cl_program p, cl_device_id d, cl_program_build_info parameter, size_t size, void *value, size_t *actual),
  (p, d, parameter, size, value, actual))

// MARK: Kernels

IS_DEFINED(clCreateKernel);
cl_kernel clCreateKernel(cl_program p, const char *name, cl_int *status) {
  FAIL_WITH_NULL(clCreateKernel);
  cl_kernel handle = REAL(clCreateKernel)(p, name, status);
  Object *object = hold(kernel, handle);
  if (object) strncpy(object->name, name, sizeof object->name - 1);
  return handle;
}

STATUS(
  clGetKernelWorkGroupInfo,
  (cl_kernel k, cl_device_id d, cl_kernel_work_group_info parameter, size_t size, void *value, size_t *actual),
  (k, d, parameter, size, value, actual))

IS_DEFINED(clSetKernelArg);
cl_int clSetKernelArg(cl_kernel k, cl_uint i, size_t size, const void *value) {
  FAIL_WITH_STATUS(clSetKernelArg);
  Object *object = held(kernel, k);
  if (object && size == sizeof(cl_mem)) object->arguments[i] = *(const cl_mem *)value;
  return REAL(clSetKernelArg)(k, i, size, value);
}

IS_DEFINED(clEnqueueNDRangeKernel);
cl_int clEnqueueNDRangeKernel(
  cl_command_queue q, cl_kernel k, cl_uint d, const size_t *o, const size_t *g, const size_t *l, cl_uint n,
  const cl_event *e, cl_event *out) {
  FAIL_WITH_STATUS(clEnqueueNDRangeKernel);
  Object *object = held(kernel, k);
  if (object) countLaunch(object->name);
  Snapshot *before = snapshotBefore(q, k);
  cl_int result = REAL(clEnqueueNDRangeKernel)(q, k, d, o, g, l, n, e, out);
  if (result == CL_SUCCESS && out) hold(event, *out);
  if (before) spoil(q, before);
  return result;
}

// MARK: Platforms and devices

// A platform whose driver is broken.
static cl_platform_id const broken = (cl_platform_id)&came;

static bool platformsAre(const char *what) {
  const char *platforms = getenv("FAULTY_OPENCL_PLATFORMS");
  return platforms && strcmp(platforms, what) == 0;
}

IS_DEFINED(clGetPlatformIDs);
cl_int clGetPlatformIDs(cl_uint n, cl_platform_id *ids, cl_uint *count) {
  FAIL_WITH_STATUS(clGetPlatformIDs);
  if (platformsAre("none")) {
    if (count) *count = 0;
    return CL_SUCCESS;
  }
  if (platformsAre("twice")) {
    cl_uint listed = 0;
    cl_int result = REAL(clGetPlatformIDs)(n / 2, ids, &listed);
    for (cl_uint i = 0; ids && i < n / 2; i++) ids[n / 2 + i] = ids[i];
    if (count) *count = 2 * listed;
    return result;
  }
  if (!platformsAre("broken")) return REAL(clGetPlatformIDs)(n, ids, count);
  if (ids) ids[0] = broken;
  cl_int result = n == 1 ? CL_SUCCESS : REAL(clGetPlatformIDs)(n ? n - 1 : 0, ids ? ids + 1 : NULL, count);
  if (count) ++*count;
  return result;
}

IS_DEFINED(clGetDeviceIDs);
cl_int clGetDeviceIDs(cl_platform_id p, cl_device_type t, cl_uint n, cl_device_id *ids, cl_uint *count) {
  FAIL_WITH_STATUS(clGetDeviceIDs);
  return p == broken ? CL_OUT_OF_HOST_MEMORY : REAL(clGetDeviceIDs)(p, t, n, ids, count);
}

IS_DEFINED(clGetPlatformInfo);
cl_int clGetPlatformInfo(cl_platform_id p, cl_platform_info parameter, size_t size, void *value, size_t *actual) {
  FAIL_WITH_STATUS(clGetPlatformInfo);
  return p == broken ? CL_OUT_OF_HOST_MEMORY : REAL(clGetPlatformInfo)(p, parameter, size, value, actual);
}

IS_DEFINED(clGetExtensionFunctionAddressForPlatform);
void *clGetExtensionFunctionAddressForPlatform(cl_platform_id p, const char *name) {
  return REAL(clGetExtensionFunctionAddressForPlatform)(p, name);
}

// What a device is to answer to a query; NULL for what it answers by itself.
static const char *answer(cl_device_info parameter) {
  for (const char *rest = getenv("FAULTY_OPENCL_PROPERTIES"); rest; rest = strchr(rest, ',')) {
    char *end;
    if (strtoul(rest + (*rest == ','), &end, 0) == parameter) return end + 1;
    rest = end;
  }
  return NULL;
}

IS_DEFINED(clGetDeviceInfo);
cl_int clGetDeviceInfo(cl_device_id d, cl_device_info parameter, size_t size, void *value, size_t *actual) {
  FAIL_WITH_STATUS(clGetDeviceInfo);
  const char *text = answer(parameter);
  if (text == NULL) return REAL(clGetDeviceInfo)(d, parameter, size, value, actual);
  if (*text == ',' || *text == 0) return CL_INVALID_VALUE;
  cl_ulong number = strtoull(text, NULL, 0);
  if (value) memcpy(value, &number, size < sizeof number ? size : sizeof number);
  if (actual) *actual = sizeof number;
  return CL_SUCCESS;
}

#define ASSERT_DEFINED(name) _Static_assert(name##IsDefined, "every call has a wrapper");
RECUR_OPENCL_FUNCTIONS(ASSERT_DEFINED)
