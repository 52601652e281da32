"use client";

import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { listMembers } from "@/api/endpoints";
import type { Member } from "@/api/types";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";

/** People by their ids. Only admins may list them; others see ids, and themselves. */
export function usePeople(): { members: Member[]; nameOf: (id: string | null | undefined) => string } {
  const { t } = useTranslation();
  const user = useUser();
  const { data } = useQuery({ queryKey: ["members"], queryFn: ({ signal }) => listMembers(null, signal), enabled: user.user_role === "admin" });
  const nameOf = useCallback((id: string | null | undefined) => {
    if (!id) return t("audit.who.system");
    if (id === user.user_id) return user.name || user.email;
    const member = data?.items.find(one => one.id === id);
    return member ? member.name || member.email : id.slice(-12);
  }, [data, t, user]);
  return { members: data?.items ?? [], nameOf };
}
