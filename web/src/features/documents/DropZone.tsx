"use client";

import { useEffect, useRef, useState } from "react";
import { Button } from "@/design/controls";
import { Icon } from "@/design/Icon";
import { Callout } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { formats } from "./formats";
import styles from "./Documents.module.css";

/** Where files are dropped, anywhere on the page, or chosen. Where there is no document yet it says how to begin. */
export function DropZone({ first, onFiles }: { first: boolean; onFiles: (files: File[]) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [folders, setFolders] = useState(false);
  useDroppedFiles(setOver, (files, hasFolders) => {
    setFolders(hasFolders);
    if (files.length > 0) onFiles(files);
  });
  return (
    <>
      <section className={`${styles.drop} ${first ? styles.first : ""} ${over ? styles.over : ""}`} aria-label={t("documents.add")}>
        <Icon name="upload" size={first ? 28 : 18} />
        <div>
          {first && <h2>{t("documents.empty")}</h2>}
          <p>{over ? t("documents.drop.now") : t("documents.drop")}</p>
          <p className={styles.faint}>{t("documents.drop.formats")}</p>
        </div>
        <input
          ref={input} type="file" multiple hidden accept={formats.join(",")} aria-label={t("documents.add")}
          onChange={event => {
            setFolders(false);
            onFiles([...event.target.files ?? []]);
            event.target.value = "";
          }}
        />
        <Button look="primary" icon="plus" onClick={() => input.current?.click()}>{t("documents.add")}</Button>
      </section>
      {folders && <Callout tone="warn" live>{t("documents.drop.folders")}</Callout>}
    </>
  );
}

/** A file that is dropped beside the zone would be opened by the browser, and the app left: the whole window takes them. */
function useDroppedFiles(onOver: (over: boolean) => void, onDrop: (files: File[], hasFolders: boolean) => void) {
  const drop = useRef(onDrop);
  drop.current = onDrop;
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const dragOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      onOver(true);
    };
    const dragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) onOver(false);
    };
    const dropped = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      onOver(false);
      const items = [...event.dataTransfer?.items ?? []].filter(item => item.kind === "file");
      const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry()?.isDirectory ?? false;
      drop.current(items.filter(item => !isFolder(item)).flatMap(item => item.getAsFile() ?? []), items.some(isFolder));
    };
    addEventListener("dragover", dragOver);
    addEventListener("dragleave", dragLeave);
    addEventListener("drop", dropped);
    return () => {
      removeEventListener("dragover", dragOver);
      removeEventListener("dragleave", dragLeave);
      removeEventListener("drop", dropped);
    };
  }, [onOver]);
}
