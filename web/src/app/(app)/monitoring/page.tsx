import type { Metadata } from "next";
import { Suspense } from "react";
import { MonitoringPage } from "@/features/monitoring/MonitoringPage";

export const metadata: Metadata = { title: "Monitoring" };

export default function Page() {
  return <Suspense><MonitoringPage /></Suspense>;
}
