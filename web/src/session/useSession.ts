"use client";

import { useSyncExternalStore } from "react";
import { getSession, subscribeToSession, type SessionState } from "@/api/session";
import type { User } from "@/api/types";

const atBuild: SessionState = { status: "unknown" };

export const useSession = (): SessionState => useSyncExternalStore(subscribeToSession, getSession, () => atBuild);

/** Who is signed in, for what is shown only then. */
export function useUser(): User {
  const session = useSession();
  if (session.status !== "in") throw new Error("useUser stands outside of the signed-in pages");
  return session.user;
}
