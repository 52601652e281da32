"use client";

import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { listMembers } from "@/api/endpoints";
import type { Member } from "@/api/types";
import { useTranslation } from "@/i18n";
import { useUser } from "./useSession";

/** People by their ids, also those who were removed. Only admins may list them; others see ids, and themselves. */
export function usePeople(): { members: Member[]; nameOf: (id: string | null | undefined) => string } {
  const { t } = useTranslation();
  const user = useUser();
  const mayList = user.user_role === "admin";
  const active = useQuery({ queryKey: ["members", "active"], queryFn: ({ signal }) => listMembers("active", null, signal), enabled: mayList });
  const removed = useQuery({ queryKey: ["members", "removed"], queryFn: ({ signal }) => listMembers("removed", null, signal), enabled: mayList });
  const nameOf = useCallback((id: string | null | undefined) => {
    if (!id) return t("audit.who.system");
    if (id === user.user_id) return user.name || user.email;
    const member = active.data?.items.find(one => one.id === id) ?? removed.data?.items.find(one => one.id === id);
    return member ? member.name || member.email : id.slice(-12);
  }, [active.data, removed.data, t, user]);
  return { members: active.data?.items ?? [], nameOf };
}
