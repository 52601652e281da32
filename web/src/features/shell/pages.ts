import type { Role } from "@/api/types";
import type { IconName } from "@/design/Icon";
import type { Key } from "@/i18n";

export interface AppPage {
  href: string;
  name: Key;
  icon: IconName;
  /** Who gets to see it; the server decides what they may do there. */
  roles: readonly Role[];
}

const everyone: readonly Role[] = ["admin", "compliance", "member", "auditor"];

/** The navigation, in its order. A new page is a line here and a folder in app/(app)/. */
export const pages: readonly AppPage[] = [
  { href: "/chat", name: "page.chat", icon: "chat", roles: ["admin", "compliance", "member"] },
  { href: "/documents", name: "page.documents", icon: "document", roles: everyone },
  { href: "/oversight", name: "page.oversight", icon: "eye", roles: ["admin", "compliance", "auditor"] },
  { href: "/audit", name: "page.audit", icon: "link", roles: ["admin", "compliance", "auditor"] },
  { href: "/incidents", name: "page.incidents", icon: "flag", roles: everyone },
  { href: "/dossier", name: "page.dossier", icon: "folder", roles: ["admin", "compliance", "auditor"] },
  { href: "/monitoring", name: "page.monitoring", icon: "chart", roles: ["admin", "compliance", "auditor"] },
  { href: "/settings", name: "page.settings", icon: "gear", roles: everyone },
];

export const pagesOf = (role: Role) => pages.filter(page => page.roles.includes(role));

/** Where a person lands after signing in. */
export const firstPage = (role: Role) => pagesOf(role)[0]?.href ?? "/settings";
