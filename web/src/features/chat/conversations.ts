import { getSession, subscribeToSession } from "@/api/session";
import * as api from "@/api/endpoints";
import { ConversationState } from "./conversation";

// The conversations that this tab has opened, so that going back to one finds it as it was, its running answer included.

const known = new Map<string, ConversationState>();
let account: string | null = null;
let onBegun: (id: string) => void = () => undefined;

/** Calls back when a new conversation gets its id, which is when its first turn begins. */
export function whenBegun(callback: (id: string) => void): () => void {
  onBegun = callback;
  return () => {
    onBegun = () => undefined;
  };
}

export function openConversation(id: string): ConversationState {
  let state = known.get(id);
  if (!state) {
    state = new ConversationState(id);
    known.set(id, state);
  }

  return state;
}

export function newConversation(): ConversationState {
  const state = new ConversationState(null, api.chat, (id, begun) => {
    known.set(id, begun);
    onBegun(id);
  });
  return state;
}

export function closeConversation(id: string): void {
  const state = openConversation(id);
  state.stop();
  state.gone = true;
}

subscribeToSession(() => {
  const session = getSession();
  const now = session.status === "in" ? session.user.user_id : null;
  if (account !== null && now !== account) {
    for (const state of known.values()) state.stop();
    known.clear();
  }

  account = now;
});
