// Counts what is created and released.

#include "FaultyOpenCL.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char *const sortNames[] = {"context", "queue", "memory", "program", "kernel", "event"};
static int created[sorts], released[sorts], releasedTwice[sorts];
static Object *objects;

static struct {
  char name[64];
  long count;
} launches[128];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// Where the list points to an object, or its end.
static Object **place(enum Sort sort, void *handle) {
  Object **place = &objects;
  while (*place && ((*place)->sort != sort || (*place)->handle != handle)) place = &(*place)->next;
  return place;
}

Object *hold(enum Sort sort, void *handle) {
  if (handle == NULL) return NULL;
  Object *object = calloc(1, sizeof *object);
  object->handle = handle;
  object->sort = sort;
  pthread_mutex_lock(&lock);
  object->next = objects;
  objects = object;
  created[sort]++;
  pthread_mutex_unlock(&lock);
  return object;
}

Object *held(enum Sort sort, void *handle) {
  pthread_mutex_lock(&lock);
  Object *object = *place(sort, handle);
  pthread_mutex_unlock(&lock);
  return object;
}

bool letGo(enum Sort sort, void *handle) {
  pthread_mutex_lock(&lock);
  Object **link = place(sort, handle), *object = *link;
  if (object) {
    *link = object->next;
    released[sort]++;
  } else {
    releasedTwice[sort]++;
  }
  pthread_mutex_unlock(&lock);
  free(object);
  return object != NULL;
}

void countLaunch(const char *kernel) {
  int i = 0;
  while (launches[i].count > 0 && strcmp(launches[i].name, kernel) != 0) i++;
  strcpy(launches[i].name, kernel);
  launches[i].count++;
}

void writeObjects(FILE *file) {
  for (int sort = 0; sort < sorts; sort++)
    fprintf(file, "%s %d %d %d\n", sortNames[sort], created[sort], released[sort], releasedTwice[sort]);
  for (int i = 0; launches[i].count > 0; i++) fprintf(file, "launched-%s %ld\n", launches[i].name, launches[i].count);
}
