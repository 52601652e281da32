"use client";

import dynamic from "next/dynamic";
import { useSearchParams } from "next/navigation";
import { Spinner } from "@/design/controls";
import { IncidentRegister } from "./IncidentRegister";

// The register comes without it: most who look at the register open none.
const IncidentView = dynamic(() => import("./IncidentView").then(({ IncidentView }) => IncidentView), { ssr: false, loading: () => <Spinner /> });

/** The register, or one incident: `/incidents?id=…`. With `?report=…` the report form opens for an entry of the log. */
export function IncidentsPage() {
  const query = useSearchParams();
  const id = query.get("id");
  return id === null ? <IncidentRegister reporting={query.get("report")} /> : <IncidentView key={id} id={id} />;
}
