"use client";

import { useEffect, useState } from "react";
import { useTranslation } from "@/i18n";
import { IconButton } from "./controls";

export function CopyButton({ name, text }: { name: string; text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <IconButton name={name} icon={copied ? "check" : "copy"} small onClick={() => void copy(text).then(() => setCopied(true))} />
      <span className="hidden-visually" role="status">{copied ? t("app.copied") : ""}</span>
    </>
  );
}

async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without TLS browsers close the clipboard to scripts, all but this old way.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "hidden-visually";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
