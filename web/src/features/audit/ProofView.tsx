"use client";

import { useMutation } from "@tanstack/react-query";
import { getProof, getPublicKey } from "@/api/endpoints";
import { Problem } from "@/api/problem";
import { saveText } from "@/api/save";
import type { AuditItem } from "@/api/types";
import { Button } from "@/design/controls";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Callout, Row, Stack } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { canCheckHere, checkProof, ProofError } from "@/proof/proof";
import { useUser } from "@/session/useSession";

/** The proof that an entry stands in the signed log: to take away, or to be checked here. */
export function ProofView({ item }: { item: Pick<AuditItem, "id" | "sequence" | "entry_hash"> }) {
  const { t, number } = useTranslation();
  const { organization_id } = useUser();
  const download = useMutation({ mutationFn: async () => saveText(await getProof(item.id), `${item.id}.tlog-proof`) });
  const check = useMutation({
    mutationFn: async () => {
      const [proof, keys] = await Promise.all([getProof(item.id), getPublicKey()]);
      return checkProof(proof, keys, item, organization_id);
    },
  });
  const disproved = check.error instanceof ProofError ? check.error.message : check.error instanceof Problem && check.error.status === 500 ? check.error.title : null;
  return (
    <Stack>
      <Row>
        <Button small icon="download" busy={download.isPending} onClick={() => download.mutate()}>{t("audit.proof.download")}</Button>
        {canCheckHere() && <Button small icon="shield" busy={check.isPending} onClick={() => check.mutate()}>{t("audit.proof.check")}</Button>}
      </Row>
      <ProblemCallout problem={download.error ?? (disproved === null ? check.error : null)} />
      {disproved !== null && <Callout tone="bad" live title={t("audit.proof.bad")}>{disproved}</Callout>}
      {check.data && (
        <Callout tone="good" live title={t("audit.proof.good")}>
          {t("audit.proof.good.text", { sequence: number(check.data.sequence), size: number(check.data.treeSize), steps: number(check.data.steps), key: check.data.keyId })}
        </Callout>
      )}
    </Stack>
  );
}
