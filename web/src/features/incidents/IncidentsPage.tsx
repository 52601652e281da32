"use client";

import { useSearchParams } from "next/navigation";
import { IncidentRegister } from "./IncidentRegister";
import { IncidentView } from "./IncidentView";

/** The register, or one incident: `/incidents?id=…`. With `?report=…` the report form opens for an entry of the log. */
export function IncidentsPage() {
  const query = useSearchParams();
  const id = query.get("id");
  return id === null ? <IncidentRegister reporting={query.get("report")} /> : <IncidentView key={id} id={id} />;
}
