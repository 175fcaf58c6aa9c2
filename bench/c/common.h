// What the C peers share: their arguments (FILE X Y WIDTH HEIGHT OUT-WIDTH OUT-HEIGHT ROUNDS), the CPU clock and the median.
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
  const char *file;
  int x, y, width, height, out_width, out_height, rounds;
  const char *keep; /* where the output is written, for whoever wants to look at it; NULL when OUT is not set */
} Task;

static int task(int count, char **args, Task *task) {
  if (count != 9) return 0;
  int *numbers = &task->x;
  task->file = args[1];
  task->keep = getenv("OUT");
  for (int i = 0; i < 7; i++) numbers[i] = atoi(args[i + 2]);
  return task->rounds > 0;
}

static void keep(const char *path, const void *bytes, size_t length) {
  FILE *file = fopen(path, "wb");
  if (!file) return;
  fwrite(bytes, 1, length, file);
  fclose(file);
}

/* Milliseconds of CPU time that this process has used. */
static double cpu(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static int rising(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

/* Runs the crop `rounds` times and prints the median. */
static int run(const Task *task, int (*crop)(const Task *)) {
  double *times = malloc(sizeof(double) * task->rounds);
  for (int i = 0; i < task->rounds; i++) {
    double start = cpu();
    if (crop(task)) return 1;
    times[i] = cpu() - start;
  }
  qsort(times, task->rounds, sizeof(double), rising);
  printf("{\"ms\":%.3f}\n", times[task->rounds / 2]);
  free(times);
  return 0;
}
