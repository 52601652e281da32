"use client";

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { testProvider } from "@/api/endpoints";
import type { Organization } from "@/api/types";
import { Button, Checkbox, SelectField, Spinner, TextArea, TextField } from "@/design/controls";
import { fieldErrors, isFieldProblem, ProblemCallout } from "@/design/ProblemCallout";
import { Callout, Card } from "@/design/surfaces";
import { useTranslation } from "@/i18n";
import { useUser } from "@/session/useSession";
import { SaveLine } from "./SaveLine";
import { numberOrNull, textOrNull, useOrganization, useSave } from "./useOrganization";
import styles from "./Settings.module.css";

const providers = ["mistral", "ollama", "openai-compatible", "extractive"] as const;

export function AssistantSettings() {
  const organization = useOrganization();
  if (organization.isPending) return <Spinner />;
  if (!organization.data) return <ProblemCallout problem={organization.error} />;
  return (
    <>
      <ProviderForm organization={organization.data} />
      <AnswersForm organization={organization.data} />
    </>
  );
}

const providerFields = ["provider", "model", "base_url", "provider_api_key"];

function ProviderForm({ organization }: { organization: Organization }) {
  const { t } = useTranslation();
  const mayChange = useUser().user_role === "admin";
  const save = useSave();
  const [provider, setProvider] = useState(organization.provider ?? "");
  const [model, setModel] = useState(organization.model ?? "");
  const [baseUrl, setBaseUrl] = useState(organization.base_url ?? "");
  const [key, setKey] = useState("");
  const [clear, setClear] = useState(false);
  const takesAddress = provider !== "" && provider !== "extractive";
  const moved = provider !== (organization.provider ?? "") || (textOrNull(baseUrl) ?? "") !== (organization.base_url ?? "");
  const changed = moved || (textOrNull(model) ?? "") !== (organization.model ?? "") || key !== "" || clear;
  const { effective } = organization;
  return (
    <Card className={styles.card}>
      <h2>{t("settings.provider")}</h2>
      <p className={styles.text}>{t("settings.provider.effective", { model: [...new Set([effective.provider, effective.model])].join(", "), region: effective.data_region })}</p>
      {!mayChange && <p className={styles.text}>{t("settings.readOnly")}</p>}
      <form
        className={styles.form} noValidate autoComplete="off"
        onSubmit={event => {
          event.preventDefault();
          if (save.isPending) return;
          save.mutate({
            provider: providers.find(one => one === provider) ?? null, model: textOrNull(model), base_url: takesAddress ? textOrNull(baseUrl) : null,
            ...(key !== "" ? { provider_api_key: key } : clear ? { provider_api_key: null } : {}),
          }, {
            onSuccess: () => {
              setKey("");
              setClear(false);
            },
          });
        }}
      >
        {!isFieldProblem(save.error, providerFields) && <ProblemCallout problem={save.error} />}
        <div className={styles.pair}>
          <SelectField label={t("settings.provider")} value={provider} disabled={!mayChange} errors={fieldErrors(save.error, "provider")} onChange={event => setProvider(event.target.value)}>
            <option value="">{t("settings.provider.default")}</option>
            {providers.map(one => <option key={one} value={one}>{t(`settings.provider.${one}`)}</option>)}
          </SelectField>
          <TextField label={t("settings.model")} value={model} disabled={!mayChange} errors={fieldErrors(save.error, "model")} onChange={event => setModel(event.target.value)} />
        </div>
        {takesAddress && (
          <div className={styles.pair}>
            <TextField label={t("settings.baseUrl")} type="url" value={baseUrl} disabled={!mayChange} hint={t("settings.baseUrl.hint")} errors={fieldErrors(save.error, "base_url")} onChange={event => setBaseUrl(event.target.value)} />
            <TextField
              label={t("settings.apiKey")} type="password" autoComplete="new-password" value={key} disabled={!mayChange} errors={fieldErrors(save.error, "provider_api_key")}
              hint={organization.provider_api_key_set ? t(moved ? "settings.apiKey.moves" : "settings.apiKey.set") : t("settings.apiKey.none")} onChange={event => setKey(event.target.value)}
            />
          </div>
        )}
        {mayChange && organization.provider_api_key_set && key === "" && !moved && (
          <Checkbox label={t("settings.apiKey.clear")} checked={clear} onChange={event => setClear(event.target.checked)} />
        )}
        {mayChange && <SaveLine busy={save.isPending} saved={save.isSuccess && !changed} />}
      </form>
      {mayChange && <ConnectionTest unsaved={changed} />}
    </Card>
  );
}

function ConnectionTest({ unsaved }: { unsaved: boolean }) {
  const { t, number } = useTranslation();
  const test = useMutation({ mutationFn: testProvider });
  return (
    <div className={styles.form}>
      <div className={styles.foot}>
        <Button icon="refresh" busy={test.isPending} onClick={() => test.mutate()}>{t("settings.test")}</Button>
        {unsaved && <span className={styles.text}>{t("settings.test.unsaved")}</span>}
      </div>
      <ProblemCallout problem={test.error} />
      {test.data?.ok && <Callout tone="good" live title={t("settings.test.ok")}>{t("settings.test.ok.text", { model: test.data.model, ms: number(test.data.latency_ms) })}</Callout>}
      {test.data && !test.data.ok && <Callout tone="bad" live title={t("settings.test.failed")}>{test.data.error}</Callout>}
    </div>
  );
}

const answerFields = ["temperature", "system_prompt", "low_confidence_threshold"];

function AnswersForm({ organization }: { organization: Organization }) {
  const { t } = useTranslation();
  const mayChange = useUser().user_role === "admin";
  const save = useSave();
  const [prompt, setPrompt] = useState(organization.system_prompt ?? "");
  const [temperature, setTemperature] = useState(organization.temperature === null ? "" : String(organization.temperature));
  const [threshold, setThreshold] = useState(String(organization.low_confidence_threshold));
  return (
    <Card className={styles.card}>
      <h2>{t("chat.assistant")}</h2>
      <form
        className={styles.form} noValidate
        onSubmit={event => {
          event.preventDefault();
          if (!save.isPending) save.mutate({ system_prompt: textOrNull(prompt), temperature: numberOrNull(temperature), low_confidence_threshold: numberOrNull(threshold) ?? -1 });
        }}
      >
        {!isFieldProblem(save.error, answerFields) && <ProblemCallout problem={save.error} />}
        <TextArea label={t("settings.prompt")} hint={t("settings.prompt.hint")} rows={5} value={prompt} disabled={!mayChange} errors={fieldErrors(save.error, "system_prompt")} onChange={event => setPrompt(event.target.value)} />
        <div className={styles.pair}>
          <TextField label={t("settings.temperature")} hint={t("settings.temperature.hint")} inputMode="decimal" value={temperature} disabled={!mayChange} errors={fieldErrors(save.error, "temperature")} onChange={event => setTemperature(event.target.value)} />
          <TextField label={t("settings.threshold")} hint={t("settings.threshold.hint")} inputMode="decimal" value={threshold} disabled={!mayChange} errors={fieldErrors(save.error, "low_confidence_threshold")} onChange={event => setThreshold(event.target.value)} />
        </div>
        {mayChange && <SaveLine busy={save.isPending} saved={save.isSuccess} />}
      </form>
    </Card>
  );
}
