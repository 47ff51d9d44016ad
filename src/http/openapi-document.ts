interface Parameter {
  schema?: { style?: string; explode?: boolean };
  style?: string;
  explode?: boolean;
}

interface Document {
  readonly components?: { readonly schemas?: Record<string, unknown> };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, { readonly parameters?: readonly Parameter[] }>>>>;
}

/** Mends what the generators of the document cannot know. */
export function tidyDocument<D extends object>(document: D): D {
  raiseStyles(document);
  dropUnused(document);
  return document;
}

/** How a parameter is written in the query is said in its schema, but belongs beside it. */
function raiseStyles({ paths = {} }: Document): void {
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  for (const parameter of operations.flatMap(({ parameters = [] }) => parameters)) {
    const { style, explode, ...schema } = parameter.schema ?? {};
    if (style !== undefined) Object.assign(parameter, { schema, style, explode });
  }
}

/** Every named schema is offered as input and as output: those that no route uses go. */
function dropUnused(document: Document): void {
  const schemas = document.components?.schemas ?? {};
  const isUsed = (name: string): boolean => {
    const elsewhere = JSON.stringify(document, (key, value: unknown) => (key === name ? undefined : value));
    return elsewhere.includes(`"#/components/schemas/${name}"`);
  };
  for (const name of Object.keys(schemas)) if (!isUsed(name)) delete schemas[name];
}
