"use client";

import { useQuery } from "@tanstack/react-query";
import { getSystemCard } from "@/api/endpoints";
import type { CardSection, Coverage, SystemCard } from "@/api/types";
import { Button, Spinner } from "@/design/controls";
import { Section } from "@/design/Page";
import { ProblemCallout } from "@/design/ProblemCallout";
import { Badge, Row, type Tone } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import { AttestationView } from "./AttestationView";
import { translated } from "./outline";
import styles from "./Dossier.module.css";

const tones: Record<Coverage, Tone> = { automated: "good", attested: "note", missing: "warn" };

function CoverageBadge({ coverage, count }: { coverage: Coverage; count?: string }) {
  const { t } = useTranslation();
  return <Badge tone={tones[coverage]} icon={coverage === "missing" ? "alert" : "check"}>{count !== undefined && `${count} `}{t(`dossier.coverage.${coverage}`)}</Badge>;
}

/** The nine sections of Annex IV: what the product shows by itself, what people stated, and what nobody has said yet. */
export function SystemCardView() {
  const { t, number } = useTranslation();
  const card = useQuery({ queryKey: ["system-card"], queryFn: ({ signal }) => getSystemCard(signal) });
  return (
    <Section
      title={t("dossier.sections")} text={t("dossier.sections.text")}
      actions={card.data && <Row>{(["automated", "attested", "missing"] as const).map(coverage => <CoverageBadge key={coverage} coverage={coverage} count={number(card.data.coverage[coverage])} />)}</Row>}
    >
      <ProblemCallout problem={card.error} actions={<Button small icon="refresh" onClick={() => void card.refetch()}>{t("app.retry")}</Button>} />
      {card.isPending && <Spinner />}
      {card.data && <ol role="list" className={styles.sections}>{card.data.sections.map(section => <SectionView key={section.section} card={card.data} section={section} />)}</ol>}
    </Section>
  );
}

function SectionView({ card, section }: { card: SystemCard; section: CardSection }) {
  const words = useTranslation();
  const { t, number } = words;
  const { user_role } = useUser();
  const missing = section.elements.filter(element => element.coverage === "missing").length;
  return (
    <li>
      <details className={styles.section}>
        <summary>
          <span className={styles.number}>{section.section}</span>
          <span className={styles.name}>
            <span className={styles.title}>{translated(words, `dossier.section.${section.section}`, section.title)}</span>
            {missing > 0 && <span className={styles.faint}>{t("dossier.missing", { count: number(missing), all: number(section.elements.length) })}</span>}
          </span>
          <CoverageBadge coverage={section.coverage} />
        </summary>
        <div className={styles.body}>
          <div>
            <h3>{t("dossier.elements")}</h3>
            <ul role="list" className={styles.elements}>
              {section.elements.map((element, index) => <li key={element.name}><span>{translated(words, `dossier.element.${section.section}.${index + 1}`, element.name)}</span><CoverageBadge coverage={element.coverage} /></li>)}
            </ul>
          </div>
          {section.evidence.length > 0 && (
            <div>
              <h3>{t("dossier.evidence")}</h3>
              <dl className={styles.evidence}>{section.evidence.map(({ name, value }) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
            </div>
          )}
          <AttestationView card={card} section={section} mayWrite={user_role === "admin" || user_role === "compliance"} />
        </div>
      </details>
    </li>
  );
}
