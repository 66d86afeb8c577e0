// A certified OAuth server (oidc-provider) on the service's routes: strict rotation, reuse ends the whole sign-in.
// OIDC_PORT. Access tokens last OIDC_LIFE seconds (a day), or until POST /age ends all that there are: a test, not a clock, says when.
// Prints {"ready"} and one line for each event; `by` is what a call to the resource says of itself in ?by=.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';

const { env } = process;
const issuer = `http://127.0.0.1:${env.OIDC_PORT}`;
const people = { 'ann@example.test': { password: 'correct horse', name: 'Ann Example' } };
const log = (found) => console.log(JSON.stringify(found));
const issued = new Set();

const provider = new Provider(issuer, {
  clients: [{
    client_id: '43f54e81-932a-4b45-9bba-acbf4e2b5ee6',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    scope: 'openid offline_access api:full_access',
  }],
  scopes: ['openid', 'offline_access', 'api:full_access'],
  clockTolerance: 0,
  pkce: { required: () => true },
  rotateRefreshToken: () => true,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  ttl: { AccessToken: Number(env.OIDC_LIFE ?? 86400), AuthorizationCode: 60, RefreshToken: 86400, IdToken: 3600, Interaction: 600, Session: 86400, Grant: 86400 },
  routes: { authorization: '/oauth2/auth', token: '/oauth2/token', revocation: '/oauth2/revoke' },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true }, resourceIndicators: { enabled: false }, rpInitiatedLogout: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  jwks: { keys: [{ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'k' }] },
});

const page = (title, body) => `<!doctype html><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><form method="post">${body}</form>`;
const signIn = (error) => page('Sign in', `${error ? '<p id="error">Wrong user or password</p>' : ''}<input id="login" name="login"><input id="password" name="password" type="password"><button id="submit">Sign in</button>`);

async function form(request) {
  let body = '';
  for await (const part of request) body += part;
  return new URLSearchParams(body);
}

async function interact(ctx) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
  ctx.type = 'html';
  if (ctx.method === 'GET') {
    ctx.body = prompt.name === 'login' ? signIn(false) : page('Allow access?', '<button id="allow">Allow</button><button id="deny" name="deny" value="1">Deny</button>');
    return;
  }
  const given = await form(ctx.req);
  let result;
  if (given.get('deny')) {
    result = { error: 'access_denied', error_description: 'The resource owner denied the request' };
  } else if (prompt.name === 'login') {
    if (people[given.get('login')]?.password !== given.get('password')) {
      ctx.status = 401;
      ctx.body = signIn(true);
      return;
    }
    result = { login: { accountId: given.get('login') } };
  } else {
    const grant = (grantId && await provider.Grant.find(grantId)) || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
    result = { consent: { grantId: await grant.save() } };
  }
  const back = await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: !result.error });
  ctx.redirect(back);
  ctx.status = 303;
}

provider.use(async (ctx, next) => {
  if (ctx.path.startsWith('/interaction/')) return interact(ctx);
  if (ctx.path === '/oauth2/auth' && !ctx.query.prompt) ctx.query = { ...ctx.query, prompt: 'consent' }; // else no refresh token comes
  if (ctx.path === '/oauth2/token') log({ event: 'token', at: Date.now() });
  if (ctx.path === '/age' && ctx.method === 'POST') {
    const ended = [...issued];
    issued.clear();
    await Promise.all(ended.map((token) => token.destroy()));
    ctx.status = 204;
    return undefined;
  }
  if (ctx.path.startsWith('/api/v1/user')) { // a resource that asks the real token store
    const value = /^Bearer (\S+)$/i.exec(ctx.get('authorization'))?.[1];
    const token = value && await provider.AccessToken.find(value);
    ctx.status = token ? 200 : 401;
    if (token && ctx.query.by) log({ event: 'served', by: ctx.query.by, token: token.jti });
    ctx.body = token ? { email: token.accountId, name: people[token.accountId].name, type: 'USER' } : { detail: 'Unauthorized' };
    return undefined;
  }
  return next();
});

provider.on('access_token.saved', (token) => issued.add(token));
for (const event of ['grant.success', 'grant.error', 'grant.revoked', 'refresh_token.consumed']) {
  provider.on(event, (...args) => log({ event, error: args.find((one) => one instanceof Error)?.error_description }));
}
const server = provider.listen(Number(env.OIDC_PORT), '127.0.0.1', () => log({ ready: issuer }));
process.on('SIGTERM', () => { server.closeAllConnections(); server.close(() => process.exit(0)); });
