"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { changeOrganization, getOrganization } from "@/api/endpoints";
import type { Organization } from "@/api/types";

export const useOrganization = () => useQuery({ queryKey: ["organization"], queryFn: ({ signal }) => getOrganization(signal) });

/** Saves settings; what the server answers is what everyone here shows from then on. */
export function useSave() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (patch: Parameters<typeof changeOrganization>[0]) => changeOrganization(patch),
    onSuccess: (organization: Organization) => {
      queries.setQueryData(["organization"], organization);
      void queries.invalidateQueries({ queryKey: ["usage"] });
    },
  });
}

/** What a field's text means: nothing is the operator's default. */
export const numberOrNull = (text: string): number | null => text.trim() === "" ? null : Number(text.replace(",", "."));
export const textOrNull = (text: string): string | null => text.trim() === "" ? null : text.trim();
