import type { Metadata } from "next";
import { Suspense } from "react";
import { OversightPage } from "@/features/oversight/OversightPage";

export const metadata: Metadata = { title: "Oversight" };

export default function Page() {
  return <Suspense><OversightPage /></Suspense>;
}
