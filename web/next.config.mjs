import { PHASE_DEVELOPMENT_SERVER } from "next/constants.js";

/** @returns {import("next").NextConfig} */
export default function config(phase) {
  const common = {
    reactStrictMode: true,
    poweredByHeader: false,
    // scripts/lint checks types and style: a build that has to be quick need not do it again.
    typescript: { ignoreBuildErrors: true },
    eslint: { ignoreDuringBuilds: true },
  };

  // `npm run dev` shows changes at once and hands requests on to a server that `make up` started.
  if (phase === PHASE_DEVELOPMENT_SERVER) {
    const server = process.env.LEXCUSTIS_SERVER ?? "http://127.0.0.1:8080";
    return { ...common, rewrites: async () => ["/api/:path*", "/readyz"].map(source => ({ source, destination: server + source })) };
  }

  return {
    ...common,
    output: "export",
    images: { unoptimized: true },
    // What a Node.js server would need beside the pages: there is none, and looking for it takes a third of the build.
    outputFileTracingExcludes: { "*": ["**"], "next-server": ["**"] },
    // The same sources give the same pages.
    generateBuildId: async () => process.env.LEXCUSTIS_WEB_FINGERPRINT?.slice(0, 16) ?? null,
  };
}
