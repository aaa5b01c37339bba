// OpenCL as a table of functions that is filled by dlopen: no binary links an OpenCL library, so one that trains on the CPU
// starts where there is none.
#pragma once

#if !__has_include(<CL/cl.h>)
#error "the OpenCL headers are missing: install them with `apt-get install opencl-headers`"
#endif

#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>
#include <CL/cl_ext.h>

// What Recur calls; all of it is in OpenCL 1.2, so a library that lacks one of these is of no use.
#define RECUR_OPENCL_FUNCTIONS(X)                                                                                          \
  X(clGetPlatformIDs)                                                                                                      \
  X(clGetPlatformInfo)                                                                                                     \
  X(clGetExtensionFunctionAddressForPlatform)                                                                              \
  X(clGetDeviceIDs)                                                                                                        \
  X(clGetDeviceInfo)                                                                                                       \
  X(clCreateContext)                                                                                                       \
  X(clReleaseContext)                                                                                                      \
  X(clCreateCommandQueue)                                                                                                  \
  X(clReleaseCommandQueue)                                                                                                 \
  X(clFlush)                                                                                                               \
  X(clFinish)                                                                                                              \
  X(clCreateBuffer)                                                                                                        \
  X(clReleaseMemObject)                                                                                                    \
  X(clEnqueueFillBuffer)                                                                                                   \
  X(clEnqueueReadBuffer)                                                                                                   \
  X(clEnqueueWriteBuffer)                                                                                                  \
  X(clCreateProgramWithSource)                                                                                             \
  X(clCreateProgramWithBinary)                                                                                             \
  X(clBuildProgram)                                                                                                        \
  X(clGetProgramInfo)                                                                                                      \
  X(clGetProgramBuildInfo)                                                                                                 \
  X(clReleaseProgram)                                                                                                      \
  X(clCreateKernel)                                                                                                        \
  X(clReleaseKernel)                                                                                                       \
  X(clGetKernelWorkGroupInfo)                                                                                              \
  X(clSetKernelArg)                                                                                                        \
  X(clEnqueueNDRangeKernel)                                                                                                \
  X(clEnqueueMarkerWithWaitList)                                                                                           \
  X(clWaitForEvents)                                                                                                       \
  X(clGetEventInfo)                                                                                                        \
  X(clGetEventProfilingInfo)                                                                                               \
  X(clReleaseEvent)

#define RECUR_OPENCL_MEMBER(name) __typeof__(name) *name;
typedef struct OpenCLFunctions {
  RECUR_OPENCL_FUNCTIONS(RECUR_OPENCL_MEMBER)
} OpenCLFunctions;
#undef RECUR_OPENCL_MEMBER

// Opens a library and fills the table. Returns 0; or 1 if the library could not be opened, with the loader's message in
// `*fault`; or 2 if it lacks a function, with the function's name there. What `*fault` points to is valid until the next
// call on this thread. A library that was opened stays open: drivers do not survive being unloaded.
int openCLFunctionsLoad(OpenCLFunctions *table, const char *library, const char **fault);
