import type { Metadata } from "next";
import { Suspense } from "react";
import { DossierPage } from "@/features/dossier/DossierPage";

export const metadata: Metadata = { title: "Dossier" };

export default function Page() {
  return <Suspense><DossierPage /></Suspense>;
}
