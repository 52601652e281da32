"use client";

import { useQueryClient } from "@tanstack/react-query";
import type { Incident } from "@/api/types";

/** Takes an incident's new state as the server answered it, everywhere it is shown. */
export function useIncidentUpdate(): (incident: Incident) => void {
  const queries = useQueryClient();
  return incident => {
    queries.setQueryData(["incident", incident.id], incident);
    void queries.invalidateQueries({ queryKey: ["incidents"] });
  };
}
