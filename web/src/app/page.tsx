"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { firstPage } from "@/features/shell/pages";
import { Shell } from "@/features/shell/Shell";
import { useSession } from "@/session/useSession";

/** Sends everyone on: to their first page, or to sign in. */
export default function StartPage() {
  const session = useSession();
  const router = useRouter();
  useEffect(() => {
    if (session.status === "in") router.replace(firstPage(session.user.user_role));
    else if (session.status === "out") router.replace("/sign-in");
  }, [session, router]);
  return session.status === "unreachable" ? <Shell>{null}</Shell> : <main aria-busy="true" />;
}
