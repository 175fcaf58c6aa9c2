// libvips from C, one thread: cut, then vips_resize by Lanczos3; the whole picture by vips_thumbnail, which shrinks on load.
#include "common.h"
#include <vips/vips.h>

static int crop(const Task *t) {
  VipsImage *from = NULL, *cut = NULL, *small = NULL;
  void *out = NULL;
  size_t length;
  int failed = 0;
  VipsImage *head = vips_image_new_from_file(t->file, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
  if (!head) return 1;
  if (t->width == head->Xsize && t->height == head->Ysize) {
    failed = vips_thumbnail(t->file, &small, t->out_width, "height", t->out_height, "size", VIPS_SIZE_FORCE, NULL);
  } else {
    from = head;
    g_object_ref(from);
    failed = vips_extract_area(from, &cut, t->x, t->y, t->width, t->height, NULL);
    double across = (double)t->out_width / t->width, down = (double)t->out_height / t->height;
    failed = failed || vips_resize(cut, &small, across, "vscale", down, NULL);
  }
  failed = failed || vips_jpegsave_buffer(small, &out, &length, "Q", 85, NULL);
  if (failed) fprintf(stderr, "%s", vips_error_buffer());
  if (!failed && t->keep) keep(t->keep, out, length);
  g_free(out);
  VipsImage *all[] = {small, cut, from, head};
  for (int i = 0; i < 4; i++)
    if (all[i]) g_object_unref(all[i]);
  return failed;
}

int main(int count, char **args) {
  Task t;
  if (!task(count, args, &t) || VIPS_INIT(args[0])) return 2;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  return run(&t, crop);
}
