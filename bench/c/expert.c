// libjpeg-turbo as an expert uses it: DCT scaling, jpeg_crop_scanline, jpeg_skip_scanlines, an early stop and a Lanczos3 that
// holds one row of sums for each output row that is open. The file is read in pieces; no picture is held.
#include "common.h"
#include "lanczos.h"
#include <string.h>
#include <jpeglib.h>

typedef struct {
  struct jpeg_decompress_struct in;
  struct jpeg_error_mgr in_errors;
  double x, y, width, height; /* the crop in scaled pixels */
  int left, columns;          /* what is decoded of each row */
} Source;

/* The largest power of two that leaves at least the output's size. */
static int scale(const Task *t) {
  int d = 1;
  while (d < 8 && t->width >= t->out_width * d * 2 && t->height >= t->out_height * d * 2) d *= 2;
  return d;
}

static void open_source(Source *s, const Task *t, FILE *file) {
  s->in.err = jpeg_std_error(&s->in_errors);
  jpeg_create_decompress(&s->in);
  jpeg_stdio_src(&s->in, file);
  jpeg_read_header(&s->in, TRUE);
  int d = scale(t);
  s->in.scale_num = 1;
  s->in.scale_denom = d;
  s->in.out_color_space = JCS_EXT_RGBX;
  jpeg_start_decompress(&s->in);
  s->x = (double)t->x / d, s->y = (double)t->y / d;
  s->width = (double)t->width / d, s->height = (double)t->height / d;
  JDIMENSION left = (JDIMENSION)s->x, columns = (JDIMENSION)(s->x + s->width + 0.999) - left;
  if (columns > s->in.output_width - left) columns = s->in.output_width - left;
  if (columns < s->in.output_width) {
    /* Two pixels more each side: the chroma at the cut's edge has no neighbours. */
    JDIMENSION from = left > 2 ? left - 2 : 0, to = left + columns + 2;
    if (to > s->in.output_width) to = s->in.output_width;
    left = from, columns = to - from;
    jpeg_crop_scanline(&s->in, &left, &columns);
  }
  s->left = left, s->columns = columns;
}

static void open_sink(struct jpeg_compress_struct *out, struct jpeg_error_mgr *errors, const Task *t, unsigned char **bytes,
                      unsigned long *length) {
  out->err = jpeg_std_error(errors);
  jpeg_create_compress(out);
  jpeg_mem_dest(out, bytes, length);
  out->image_width = t->out_width, out->image_height = t->out_height;
  out->input_components = 4, out->in_color_space = JCS_EXT_RGBX;
  jpeg_set_defaults(out);
  jpeg_set_quality(out, 85, TRUE);
  jpeg_start_compress(out, TRUE);
}

static int crop(const Task *t) {
  FILE *file = fopen(t->file, "rb");
  if (!file) return 1;
  Source s;
  open_source(&s, t, file);
  struct jpeg_compress_struct out;
  struct jpeg_error_mgr errors;
  unsigned char *bytes = NULL;
  unsigned long length = 0;
  open_sink(&out, &errors, t, &bytes, &length);
  Axis across = axis(s.x, s.width, t->out_width, s.left, s.left + s.columns);
  Axis down = axis(s.y, s.height, t->out_height, 0, s.in.output_height);
  size_t size = sizeof(Pixel) * s.columns;
  int ring = down.most + 1;
  Pixel *sums = aligned_alloc(16, size * ring);
  memset(sums, 0, size * ring);
  unsigned char *row = malloc(4 * s.in.output_width), *done = malloc(4 * t->out_width);
  int top = down.first[0], bottom = down.first[t->out_height - 1] + down.count[t->out_height - 1];
  if (top > 0) jpeg_skip_scanlines(&s.in, top);
  for (int y = top, open = 0; y < bottom; y++) {
    jpeg_read_scanlines(&s.in, &row, 1);
    for (int k = open; k < t->out_height && down.first[k] <= y; k++)
      add(sums + (size_t)(k % ring) * s.columns, row, s.columns, down.weights[(size_t)k * down.most + y - down.first[k]]);
    while (open < t->out_height && down.first[open] + down.count[open] == y + 1) {
      Pixel *sum = sums + (size_t)(open % ring) * s.columns;
      narrow(sum - s.left, &across, done, t->out_width);
      jpeg_write_scanlines(&out, &done, 1);
      memset(sum, 0, size);
      open++;
    }
  }
  jpeg_finish_compress(&out);
  jpeg_destroy_compress(&out);
  jpeg_abort_decompress(&s.in);
  jpeg_destroy_decompress(&s.in);
  fclose(file);
  if (t->keep) keep(t->keep, bytes, length);
  free(sums), free(row), free(done), free(bytes);
  close_axis(&across), close_axis(&down);
  return 0;
}

int main(int count, char **args) {
  Task t;
  return task(count, args, &t) ? run(&t, crop) : 2;
}
