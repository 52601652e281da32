"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { Problem } from "@/api/problem";
import { startSession, subscribeToSession, getSession } from "@/api/session";
import { I18n } from "@/i18n";

export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(() => new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // What the server refused it refuses again; what is away may come back.
        retry: (count, failure) => count < 2 && failure instanceof Problem && (failure.status === 0 || failure.status === 503),
      },
    },
  }));

  useEffect(() => {
    void startSession();
    // Nothing of one account is shown to the next.
    let account: string | null = null;
    return subscribeToSession(() => {
      const session = getSession();
      const now = session.status === "in" ? session.user.user_id : null;
      if (account !== null && now !== account) client.clear();
      account = now;
    });
  }, [client]);

  return <QueryClientProvider client={client}><I18n>{children}</I18n></QueryClientProvider>;
}
