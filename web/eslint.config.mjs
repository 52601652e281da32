import next from "@next/eslint-plugin-next";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

// Every rule is an error: a warning that nobody has to heed is noise.
export default ts.config(
  { ignores: [".next/", "out/", "next-env.d.ts", "test-results/", "src/api/schema.ts"] },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [ts.configs.recommendedTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Where `||` stands between texts an empty one counts as none.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true, boolean: true } }],
      // async keeps the promise of a signature.
      "@typescript-eslint/require-await": "off",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
    },
  },
  {
    files: ["tests/e2e/**"],
    rules: { "no-console": "off" }, // figures of a run
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [a11y.flatConfigs.strict, hooks.configs.flat["recommended-latest"], next.flatConfig.coreWebVitals],
    rules: {
      // Safari takes a list without bullets for none, unless it is told.
      "jsx-a11y/no-redundant-roles": ["error", { ul: ["list"], ol: ["list"] }],
      // The words of a label may stand a few elements deep.
      "jsx-a11y/label-has-associated-control": ["error", { depth: 4 }],
      // What scrolls has to be reachable by keyboard.
      "jsx-a11y/no-noninteractive-tabindex": ["error", { tags: ["pre"], roles: ["group", "region", "tabpanel"] }],
      // These two are for the React Compiler, which the app does not use. An effect may follow an address or a setting of the browser,
      // and a ref may keep the newest callback.
      "react-hooks/set-state-in-effect": "off",
      "react-hooks/refs": "off",
    },
  },
);
