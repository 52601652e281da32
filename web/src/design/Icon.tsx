// Line icons on a grid of 16, drawn for this app. They only accompany words, or a control that has a name.
const paths = {
  alert: "M8 2.2 14.3 13H1.7L8 2.2ZM8 6.3v3.2M8 11.3v.2",
  arrowUp: "M8 13V3M3.5 7.5 8 3l4.5 4.5",
  audit: "M3.5 2.5h6l3 3v8h-9v-11ZM9.5 2.5v3h3M5.5 8.5h5M5.5 11h5",
  chart: "M2.5 2.5v11h11M5.5 10.5V8M8.5 10.5V5M11.5 10.5V7",
  chat: "M2.5 3.5h11v7.5h-6L4.5 13.5V11h-2V3.5Z",
  check: "m3 8.5 3.2 3.2L13 4.8",
  chevron: "m6 3.5 4.5 4.5L6 12.5",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5v3.2l2 1.3",
  close: "m4 4 8 8M12 4l-8 8",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8v-8Z",
  document: "M4 2h5.5L12.5 5v9H4V2ZM9.5 2v3h3M6.5 8.5h3.5M6.5 11h3.5",
  download: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13.5h10",
  edit: "M3 13h2.5L13 5.5 10.5 3 3 10.5V13ZM9 4.5 11.5 7",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z",
  flag: "M3.5 14V2.5M3.5 3h8.5l-2 3 2 3H3.5",
  folder: "M2.5 3.5H6l1.5 2h6v8h-11v-10ZM5.5 9l1.6 1.6L10.5 7.3",
  gear: "M8 5.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4ZM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M12.4 3.6 11 5M5 11l-1.4 1.4",
  info: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 7.3v3.4M8 5.2v.2",
  link: "M6.8 9.2a2.4 2.4 0 0 0 3.4 0l2.3-2.3a2.4 2.4 0 0 0-3.4-3.4L8.3 4.3M9.2 6.8a2.4 2.4 0 0 0-3.4 0L3.5 9.1a2.4 2.4 0 0 0 3.4 3.4l.8-.8",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  people: "M6 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6ZM1.8 13.2c0-2.3 1.9-3.7 4.2-3.7s4.2 1.4 4.2 3.7M10.6 3.2a2.2 2.2 0 0 1 0 4.1M11.8 9.8c1.5.5 2.4 1.7 2.4 3.4",
  plus: "M8 3v10M3 8h10",
  receipt: "M3.5 2v12l1.5-1 1.5 1 1.5-1 1.5 1 1.5-1 1.5 1V2l-1.5 1-1.5-1-1.5 1-1.5-1-1.5 1-1.5-1ZM6 6.5h4M6 9.3h4",
  refresh: "M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3l3.4 3.4",
  shield: "M8 1.8 13 3.7v4c0 3-2 5.2-5 6.5-3-1.3-5-3.5-5-6.5v-4l5-1.9ZM5.8 8l1.6 1.6 2.9-3.1",
  stop: "M4.5 4.5h7v7h-7z",
  table: "M2.5 3.5h11v9h-11v-9ZM2.5 6.5h11M2.5 9.5h11M6.5 3.5v9",
  trash: "M2.8 4.3h10.4M6 4.3V2.7h4v1.6M4.2 4.3l.6 9h6.4l.6-9M6.7 6.8v4M9.3 6.8v4",
  upload: "M8 10.5V3M4.8 5.8 8 2.6l3.2 3.2M3 13.5h10",
  user: "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8ZM3 13.6c0-2.5 2.2-4 5-4s5 1.5 5 4",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
