#include "COpenCL.h"

#include <dlfcn.h>
#include <stddef.h>

int openCLFunctionsLoad(OpenCLFunctions *table, const char *library, const char **fault) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) {
    *fault = dlerror();
    return 1;
  }
#define RECUR_OPENCL_LOAD(name)                                                                                            \
  table->name = (__typeof__(name) *)dlsym(handle, #name);                                                                  \
  if (table->name == NULL) {                                                                                               \
    *fault = #name;                                                                                                        \
    return 2;                                                                                                              \
  }
  RECUR_OPENCL_FUNCTIONS(RECUR_OPENCL_LOAD)
#undef RECUR_OPENCL_LOAD
  return 0;
}
