export const ADMIN_TOKEN = "the-token-of-an-operator-of-a-test";
export const JWT_SECRET = "a secret that only this test knows, long enough";
/** Small, so that clients can be too many and too slow. */
export const MAX_CONNECTIONS = 150;
export const PER_USER = 10;
