import type { Metadata } from "next";
import { Register } from "@/features/auth/Register";

export const metadata: Metadata = { title: "Create organization" };

export default function RegisterPage() {
  return <Register />;
}
