// A real OpenID Connect provider for tests (oidc-provider, certified by the OpenID Foundation), on this machine alone.
// Its people and its client stand in the JSON it is started with; its own development pages take any password.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const { port, client, people } = JSON.parse(process.argv[2]);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ ...client, grant_types: ["authorization_code"], response_types: ["code"] }],
  claims: { openid: ["sub", "acr", "amr", "acrs"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["for-a-test"] },
  pkce: { required: () => true },
  features: { backchannelLogout: { enabled: true }, claimsParameter: { enabled: true }, devInteractions: { enabled: true } },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
});
// Its development pages know one way of signing in alone; how strong it was said to be is the person's.
const { save } = provider.AuthorizationCode.prototype;
provider.AuthorizationCode.prototype.save = function strongly(...rest) {
  const { acr, amr } = people[this.accountId];
  return save.apply(Object.assign(this, { acr, amr }), rest);
};
createServer(provider.callback()).listen(port, "127.0.0.1", () => console.log("listening"));
