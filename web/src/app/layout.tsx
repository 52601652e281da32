import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "@fontsource-variable/inter/wght.css";
import "@/design/tokens.css";
import "@/design/base.css";
import { languageCodes } from "@/i18n/languages";
import { Providers } from "./providers";
import { firstScript } from "./first-script";

export const metadata: Metadata = {
  title: { default: "LexCustis", template: "%s · LexCustis" },
  description: "An assistant whose every answer is checked, recorded and open to review.",
  robots: { index: false },
  icons: { icon: "/icon.svg" },
};

export const viewport: Viewport = { colorScheme: "light dark", width: "device-width", initialScale: 1 };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        <script dangerouslySetInnerHTML={{ __html: firstScript.replace("LANGUAGES", JSON.stringify(languageCodes)) }} />
      </head>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
