import type { OpenAPIV3_1 } from "openapi-types";
import { OPEN_TO_LOCAL } from "../routes/documentation.ts";
import { sharedErrors } from "./error-examples.ts";
import { OPERATION_EXAMPLES } from "./operation-examples.ts";

export type Document = OpenAPIV3_1.Document;
type Operation = OpenAPIV3_1.OperationObject;
type Security = OpenAPIV3_1.SecurityRequirementObject[];

const mapValues = <Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value, key: string) => Result,
): Record<string, Result> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));

/** The document with each operation as `change` has it. */
const mapOperations = (document: Document, change: (operation: Operation) => Operation): Document => ({
  ...document,
  paths: mapValues(document.paths ?? {}, (path) =>
    // Nothing else than operations is ever put there.
    mapValues((path ?? {}) as Record<string, Operation>, change),
  ),
});

const isRead = ({ security }: Operation): boolean =>
  JSON.stringify(security) === JSON.stringify(OPEN_TO_LOCAL);

/** The document for somebody for whom reads have another security than for everybody. */
export const withReads = (document: Document, security: Security): Document =>
  mapOperations(document, (operation) => (isRead(operation) ? { ...operation, security } : operation));

/** Adds to every operation how it is called and what it answers, errors included. */
export function withExamples(document: Document, options: { readonly readsNeedToken: boolean }): Document {
  return mapOperations(document, (operation) => {
    const examples = OPERATION_EXAMPLES[operation.operationId ?? ""];
    if (examples === undefined) throw new Error(`${operation.operationId} has no examples.`);
    const { description, parameters = {}, bodies, answer, errors } = examples;
    const guarded = (operation.security ?? []).length > 0;
    const answers: Readonly<Record<string, unknown>> = {
      ...(guarded && sharedErrors(isRead(operation) ? "read" : "write", options)),
      ...errors,
      200: answer,
    };
    const withExample = (response: OpenAPIV3_1.ResponseObject, status: string) => ({
      ...response,
      content: mapValues(response.content ?? {}, (media) => ({ ...media, example: answers[status] })),
    });
    const body = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined;
    return {
      ...operation,
      ...(description !== undefined && { description }),
      ...(operation.parameters && {
        parameters: (operation.parameters as OpenAPIV3_1.ParameterObject[]).map((parameter) =>
          parameter.name in parameters ? { ...parameter, example: parameters[parameter.name] } : parameter,
        ),
      }),
      ...(body && {
        requestBody: {
          ...body,
          content: mapValues(body.content, (media) => ({ ...media, examples: bodies })),
        },
      }),
      responses: mapValues(
        (operation.responses ?? {}) as Record<string, OpenAPIV3_1.ResponseObject>,
        withExample,
      ),
    } as Operation;
  });
}
