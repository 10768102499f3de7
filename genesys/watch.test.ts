import { describe, expect, test } from 'vitest';
import { routeOf } from './watch.ts';

const USERS = '/api/v2/scim/v2/Users';

describe('the route of a request', () => {
  test.each([
    ['/api/v2/scim/v2/Users', '/api/v2/scim/v2/Users'],
    ['/api/v2/scim/v2/Users?filter=userName%20eq%20%22ann%40corp.example%22&count=25', '/api/v2/scim/v2/Users'],
    [`${USERS}/0a1b2c3d-0000-4000-8000-000000000001?attributes=emails`, `${USERS}/{id}`],
    [`${USERS}/ann@corp.example`, `${USERS}/{id}`],
    ['/scim/Groups/42/members', '/scim/Groups/{id}/members'],
    ['/api/v2/tokens/0A1B2C3D-0000-4000-8000-000000000001', '/api/v2/tokens/{id}'],
    ['/oauth/token#ann', '/oauth/token'],
  ])('of %s names nobody: %s', (path, route) => {
    expect(routeOf(path)).toBe(route);
  });
});
