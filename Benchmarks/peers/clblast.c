// CLBlast at the matrix products of `recur bench`, on the first OpenCL device. Built and run by opencl_cpu.py:
//     cc -O2 clblast.c -o clblast -lclblast -lOpenCL
// It writes a line of JSON with its version, then answers each line {"work": "matmul 64×2048×512", …, "seconds": 0.1} with
// {"milliseconds": …}, as worker.py says.
#define CL_TARGET_OPENCL_VERSION 120
#include <clblast_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static cl_context context;
static cl_command_queue queue;

static void check(int status, const char *call) {
  if (status == 0) return;
  fprintf(stderr, "clblast: %s failed with %d\n", call, status);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

// A device's matrix of `count` numbers.
static cl_mem matrix(size_t count) {
  cl_int status;
  cl_mem memory = clCreateBuffer(context, CL_MEM_READ_WRITE, count * sizeof(float), NULL, &status);
  check(status, "clCreateBuffer");
  float *values = malloc(count * sizeof(float));
  for (size_t i = 0; i < count; i++) values[i] = (float)rand() / RAND_MAX - 0.5f;
  check(clEnqueueWriteBuffer(queue, memory, CL_TRUE, 0, count * sizeof(float), values, 0, NULL, NULL), "clEnqueueWriteBuffer");
  free(values);
  return memory;
}

// `count` products c = a · bᵀ, row by row as Recur's; the time of one.
static double product(cl_mem a, cl_mem b, cl_mem c, size_t m, size_t n, size_t k, int count) {
  double start = now();
  for (int i = 0; i < count; i++) {
    check(CLBlastSgemm(CLBlastLayoutRowMajor, CLBlastTransposeNo, CLBlastTransposeYes, m, n, k, 1, a, 0, k, b, 0, k, 0, c, 0,
                       n, &queue, NULL),
          "CLBlastSgemm");
  }
  check(clFinish(queue), "clFinish");
  return (now() - start) / count;
}

// The median of three rounds of at least `seconds`, after two products that are not counted.
static double milliseconds(size_t m, size_t n, size_t k, double seconds) {
  cl_mem a = matrix(m * k), b = matrix(n * k), c = matrix(m * n);
  product(a, b, c, m, n, k, 1);
  int count = 1 + (int)(seconds / product(a, b, c, m, n, k, 1));
  double x = product(a, b, c, m, n, k, count);
  double y = product(a, b, c, m, n, k, count);
  double z = product(a, b, c, m, n, k, count);
  clReleaseMemObject(a), clReleaseMemObject(b), clReleaseMemObject(c);
  double low = x < y ? x : y, high = x < y ? y : x;
  return 1e3 * (z < low ? low : z > high ? high : z);
}

int main(void) {
  cl_platform_id platform;
  cl_device_id device;
  cl_int status;
  check(clGetPlatformIDs(1, &platform, NULL), "clGetPlatformIDs");
  check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device, NULL), "clGetDeviceIDs");
  context = clCreateContext(NULL, 1, &device, NULL, NULL, &status);
  check(status, "clCreateContext");
  queue = clCreateCommandQueue(context, device, 0, &status);
  check(status, "clCreateCommandQueue");
  printf("{\"version\": \"CLBlast %d.%d.%d\"}\n", CLBLAST_VERSION_MAJOR, CLBLAST_VERSION_MINOR, CLBLAST_VERSION_PATCH);
  fflush(stdout);
  char line[1024];
  while (fgets(line, sizeof line, stdin)) {
    size_t m, n, k;
    const char *work = strstr(line, "matmul "), *time = strstr(line, "\"seconds\":");
    if (!work || !time || sscanf(work, "matmul %zu×%zu×%zu", &m, &n, &k) != 3) return 1;
    printf("{\"milliseconds\": %.6f}\n", milliseconds(m, n, k, atof(time + strlen("\"seconds\":"))));
    fflush(stdout);
  }
}
