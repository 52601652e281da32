/** The day after a calendar day: the server's `to` is exclusive, what people choose is the last day that counts. Today's end is now. */
export function nextDay(day: string, now = new Date()): string | undefined {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  // A time to come is refused: without an end the dossier ends now.
  return next > now ? undefined : next.toISOString().slice(0, 10);
}
