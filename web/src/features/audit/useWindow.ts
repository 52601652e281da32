"use client";

import { useEffect, useState, type RefObject } from "react";

/** Rows that are kept ready above and below what is seen. */
const MARGIN = 12;

export interface RowWindow {
  first: number;
  /** Exclusive. */
  last: number;
}

/** Which rows of equal height to draw, for where the list is scrolled to. */
export function rowsInView(scrollTop: number, height: number, rowHeight: number, count: number): RowWindow {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight) - MARGIN));
  return { first, last: Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + MARGIN) };
}

/** Follows a list's scrolling; draws anew only when other rows come into view. */
export function useWindow(scroller: RefObject<HTMLElement | null>, count: number, rowHeight: number): RowWindow {
  const [shown, setShown] = useState<RowWindow>({ first: 0, last: Math.min(count, 3 * MARGIN) });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => {
      const next = rowsInView(element.scrollTop, element.clientHeight, rowHeight, count);
      setShown(before => before.first === next.first && before.last === next.last ? before : next);
    };
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, count, rowHeight]);
  return { first: Math.min(shown.first, count), last: Math.min(shown.last, count) };
}
