"use client";

import Link from "next/link";
import { useId, type ButtonHTMLAttributes, type ComponentProps, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";
import { Icon, type IconName } from "./Icon";
import styles from "./controls.module.css";

type Look = "plain" | "primary" | "danger" | "quiet";

interface ButtonLook {
  look?: Look;
  small?: boolean;
  wide?: boolean;
  icon?: IconName;
}

const classes = (...names: (string | false | undefined)[]) => names.filter(Boolean).join(" ");
const buttonClass = ({ look = "plain", small, wide }: ButtonLook, square = false) =>
  classes(styles.button, look !== "plain" && styles[look], small && styles.small, wide && styles.wide, square && styles.square);

/** A button; while `busy` it stays focusable and does nothing, so that the keyboard keeps its place. */
export function Button({ look, small, wide, icon, busy, children, onClick, ...rest }: ButtonLook & { busy?: boolean } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button" {...rest} className={buttonClass({ look, small, wide })} aria-disabled={busy || undefined} aria-busy={busy || undefined}
      onClick={event => busy ? event.preventDefault() : onClick?.(event)}
    >
      {busy ? <Spinner /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that shows only an icon; its name is read out and shown on hover. */
export function IconButton({ name, icon, look = "quiet", small, ...rest }: { name: string; icon: IconName; look?: Look; small?: boolean } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" {...rest} className={buttonClass({ look, small }, true)} aria-label={name} title={name}>
      <Icon name={icon} />
    </button>
  );
}

export function ButtonLink({ look, small, wide, icon, children, ...rest }: ButtonLook & ComponentProps<typeof Link>) {
  return <Link {...rest} className={buttonClass({ look, small, wide })}>{icon && <Icon name={icon} />}{children}</Link>;
}

/** A link that shows only an icon. */
export function IconLink({ name, icon, look = "quiet", small, ...rest }: { name: string; icon: IconName; look?: Look; small?: boolean } & Omit<ComponentProps<typeof Link>, "children">) {
  return <Link {...rest} className={buttonClass({ look, small }, true)} aria-label={name} title={name}><Icon name={icon} /></Link>;
}

export function Spinner() {
  return <span className={styles.spinner} aria-hidden="true" />;
}

interface FieldShape {
  label: string;
  hint?: ReactNode;
  /** What is wrong, in sentences. */
  errors?: readonly string[];
}

interface FieldControl { id: string; className: string; "aria-invalid"?: true; "aria-describedby"?: string }

function Field({ label, hint, errors, children }: FieldShape & { children: (control: FieldControl) => ReactNode }) {
  const id = useId();
  const wrong = errors !== undefined && errors.length > 0;
  const describedBy = classes(hint !== undefined && `${id}-hint`, wrong && `${id}-error`);
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>{label}</label>
      {children({ id, className: styles.input!, "aria-invalid": wrong || undefined, "aria-describedby": describedBy || undefined })}
      {hint !== undefined && <div className={styles.hint} id={`${id}-hint`}>{hint}</div>}
      {wrong && <div className={styles.error} id={`${id}-error`} role="alert"><Icon name="alert" />{errors.join(" ")}</div>}
    </div>
  );
}

export function TextField({ label, hint, errors, ...rest }: FieldShape & InputHTMLAttributes<HTMLInputElement>) {
  return <Field label={label} hint={hint} errors={errors}>{control => <input {...rest} {...control} />}</Field>;
}

export function TextArea({ label, hint, errors, ...rest }: FieldShape & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return <Field label={label} hint={hint} errors={errors}>{control => <textarea {...rest} {...control} />}</Field>;
}

export function SelectField({ label, hint, errors, children, ...rest }: FieldShape & SelectHTMLAttributes<HTMLSelectElement>) {
  return <Field label={label} hint={hint} errors={errors}>{control => <select {...rest} {...control}>{children}</select>}</Field>;
}

/** A select without a visible label, for rows of filters. */
export function FilterSelect({ label, children, ...rest }: { label: string } & SelectHTMLAttributes<HTMLSelectElement>) {
  return <select {...rest} aria-label={label} className={classes(styles.input, styles.compact)}>{children}</select>;
}

export function FilterInput({ label, ...rest }: { label: string } & InputHTMLAttributes<HTMLInputElement>) {
  return <input {...rest} aria-label={label} className={classes(styles.input, styles.compact)} />;
}

export function Checkbox({ label, hint, ...rest }: { label: string; hint?: string } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className={styles.check}>
      <input {...rest} id={id} type="checkbox" aria-describedby={hint && `${id}-hint`} />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint && <div className={styles.hint} id={`${id}-hint`}>{hint}</div>}
      </div>
    </div>
  );
}
