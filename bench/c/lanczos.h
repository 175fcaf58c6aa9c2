// Lanczos3 over rows of four floats a pixel: down by adding each row to the sums that it belongs to, then across.
#pragma once
#include <math.h>
#include <stdlib.h>

typedef float Pixel __attribute__((vector_size(16)));

/* For each output pixel: the first input pixel, how many there are, and `most` places for their weights. */
typedef struct {
  int *first, *count, most;
  float *weights;
} Axis;

static double lanczos3(double x) {
  if (x == 0) return 1;
  if (fabs(x) >= 3) return 0;
  double p = M_PI * x;
  return 3 * sin(p) * sin(p / 3) / (p * p);
}

/* Only the crop's own pixels count, `start` to `start + extent`, as far as they lie within `low` to `high`. */
static Axis axis(double start, double extent, int outputs, int low, int high) {
  double pitch = extent / outputs, width = pitch > 1 ? pitch : 1;
  if (low < (int)floor(start)) low = (int)floor(start);
  if (high > (int)ceil(start + extent)) high = (int)ceil(start + extent);
  Axis a = {malloc(sizeof(int) * outputs), malloc(sizeof(int) * outputs), (int)ceil(6 * width) + 2, NULL};
  a.weights = calloc((size_t)outputs * a.most, sizeof(float));
  for (int k = 0; k < outputs; k++) {
    double centre = start + (k + 0.5) * pitch, sum = 0;
    int first = (int)floor(centre - 3 * width), last = (int)ceil(centre + 3 * width);
    first = first < low ? low : first, last = last > high ? high : last;
    float *weights = a.weights + (size_t)k * a.most;
    for (int i = first; i < last; i++) sum += weights[i - first] = lanczos3((i + 0.5 - centre) / width);
    for (int i = first; i < last; i++) weights[i - first] /= sum;
    a.first[k] = first, a.count[k] = last - first;
  }
  return a;
}

static void close_axis(Axis *a) { free(a->first), free(a->count), free(a->weights); }

static void add(Pixel *sums, const unsigned char *row, int columns, float weight) {
  float *to = (float *)sums;
  for (int i = 0; i < 4 * columns; i++) to[i] += weight * row[i];
}

/* `row` is numbered as the axis counts: its first pixel is the picture's. */
static void narrow(const Pixel *row, const Axis *a, unsigned char *out, int outputs) {
  for (int k = 0; k < outputs; k++) {
    const float *weights = a->weights + (size_t)k * a->most;
    const Pixel *from = row + a->first[k];
    Pixel sum = {0.5f, 0.5f, 0.5f, 0.5f};
    for (int i = 0; i < a->count[k]; i++) sum += from[i] * weights[i];
    for (int c = 0; c < 4; c++) out[4 * k + c] = sum[c] < 0 ? 0 : sum[c] > 255 ? 255 : (unsigned char)sum[c];
  }
}
