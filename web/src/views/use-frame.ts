/** The size of the template's element of that `ref`, in whole pixels, for a picture that fills it. */

import { onBeforeUnmount, onMounted, ref, useTemplateRef } from "vue";

export function useFrame(element: string, width: number, height: number) {
  const frame = ref({ width, height });
  const board = useTemplateRef<HTMLElement>(element);
  let watcher: ResizeObserver | undefined;
  onMounted(() => {
    watcher = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (width && height) frame.value = { width: Math.round(width), height: Math.round(height) };
    });
    watcher.observe(board.value!);
  });
  onBeforeUnmount(() => watcher?.disconnect());
  return frame;
}
