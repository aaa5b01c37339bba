// What the parts of the faulty OpenCL library share; see FaultyOpenCL.c.
#pragma once

#include "COpenCL.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

// The real library's function.
#define REAL(name) ((__typeof__(name) *)real(#name))
void *real(const char *name);

// MARK: Objects

enum Sort { context, queue, memory, program, kernel, event, sorts };

// What the program holds; objects that it released are forgotten.
typedef struct Object {
  struct Object *next;
  void *handle;
  enum Sort sort;
  size_t bytes;           // of memory
  char name[64];          // of a kernel
  cl_mem arguments[128];  // of a kernel: those that are as large as a handle, whatever they are
} Object;

// Takes a new object into the list. Returns NULL if there is none.
Object *hold(enum Sort sort, void *handle);
// The object of a handle; NULL if there is none.
Object *held(enum Sort sort, void *handle);
// Takes an object out of the list. Returns whether it was there: if not, it was released before.
bool letGo(enum Sort sort, void *handle);
// Counts a launch of a kernel.
void countLaunch(const char *kernel);
// How many objects of each sort were created, how many released, and how often a release was one too many; how often each
// kernel was launched.
void writeObjects(FILE *file);

// MARK: Wrong numbers

// What lies in a kernel's memory before a launch whose result is to be spoilt; NULL if it is to stay.
typedef struct Snapshot Snapshot;
Snapshot *snapshotBefore(cl_command_queue queue, cl_kernel kernel);
// Changes one of the values that the launch wrote.
void spoil(cl_command_queue queue, Snapshot *before);
