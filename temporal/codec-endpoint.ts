import { createHash, timingSafeEqual } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { Hono, type MiddlewareHandler } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { bearerAuth } from 'hono/bearer-auth';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { RollcallError } from '../model/errors.ts';
import type { CodecServerSettings } from '../model/settings.ts';

/** One payload has at most 2 MiB, a page of a history at most 4 MiB; in base64 both are a third longer. */
const LARGEST_BODY = 8 * 1024 * 1024;
const UNAUTHORIZED =
  'The codec server needs the token of encryption.codecServer.token, as bearer token or as password of any user.';

/** Payloads in the JSON form of Temporal's API: bytes are base64. */
const requestSchema = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), z.string()).default({}), data: z.string().default('') }))
    .default([]),
});
type JsonPayload = z.output<typeof requestSchema>['payloads'][number];

/**
 * Temporal's remote codec (https://docs.temporal.io/remote-data-encoding): `POST /encode` and `/decode` take and answer
 * `{payloads: [...]}`. Whoever asks has to know the token: the `temporal` command sends it as bearer token; a browser, which
 * cannot be given one, as password of basic authentication, asked for at `GET /`.
 */
export function codecEndpoint(codec: PayloadCodec, settings: Pick<CodecServerSettings, 'origin' | 'token'>): Hono {
  const app = new Hono();
  app.use(cors({ origin: settings.origin, allowMethods: ['POST'], credentials: true, maxAge: 600 }));
  app.use(onlyFrom(settings.origin), authenticated(settings.token));
  app.use(bodyLimit({ maxSize: LARGEST_BODY }));
  app.get('/', (context) => context.text('Rollcall: this browser may decode what Temporal keeps.'));
  app.post('/encode', async (context) => context.json(await translated(context.req.raw, (some) => codec.encode(some))));
  app.post('/decode', async (context) => context.json(await translated(context.req.raw, (some) => codec.decode(some))));
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (error instanceof RollcallError) return context.text(error.message, 400);
    throw error;
  });
  return app;
}

/** Browsers send the password along for any page that asks them to; only the Web UI may. */
function onlyFrom(allowed: string): MiddlewareHandler {
  return async (context, next) => {
    const origin = context.req.header('origin');
    if (origin === undefined || origin === allowed) return next();
    return context.text('The codec server answers only the Web UI that encryption.codecServer.origin names.', 403);
  };
}

function authenticated(token: CodecServerSettings['token']): MiddlewareHandler {
  const isToken = (given: string): boolean => timingSafeEqual(digest(given), digest(token.read()));
  const message = UNAUTHORIZED;
  const byBearer: MiddlewareHandler = bearerAuth({ verifyToken: isToken, invalidToken: { message } });
  const byPassword: MiddlewareHandler = basicAuth({
    verifyUser: (_user, password) => isToken(password),
    realm: 'Rollcall codec server',
    invalidUserMessage: message,
  });
  return (context, next) => {
    const isBearer = /^bearer /i.test(context.req.header('authorization') ?? '');
    return isBearer ? byBearer(context, next) : byPassword(context, next);
  };
}

/** Of one length, as the comparison in constant time needs it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function translated(
  request: Request,
  translate: (payloads: Payload[]) => Promise<Payload[]>,
): Promise<{ payloads: JsonPayload[] }> {
  const body: unknown = await request.json().catch(() => null);
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) throw new HTTPException(400, { message: 'The body must be {"payloads": [...]} as JSON.' });
  return { payloads: (await translate(parsed.data.payloads.map(fromJson))).map(toJson) };
}

function fromJson({ metadata, data }: JsonPayload): Payload {
  const members = Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')] as const);
  return { metadata: Object.fromEntries(members), data: Buffer.from(data, 'base64') };
}

function toJson({ metadata, data }: Payload): JsonPayload {
  const members = Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)] as const);
  return { metadata: Object.fromEntries(members), data: base64(data ?? new Uint8Array()) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
