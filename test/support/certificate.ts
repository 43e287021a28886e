/**
 * A certificate for localhost that nobody trusts, for tests over TLS; good until 2126. Made with
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=localhost
 * -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1'`.
 */
export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJkGcgc/yhU1Ph2gj
HD9rUajxKalXvKBqPpTty+KfkHahRANCAAQ+N6nYXwOxlk/9gQhRXovDe3Q9Mvoy
d7ylQbwj1Sc2O3l7MjqaIo5Dp0m7dCl7gPfYs23joEwQ+JTj62z/WSsu
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUBrjV7kQUIeyvXncy5wqTXarlPS0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzIyMzYzOFoYDzIxMjYxMDMw
MjIzNjM4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ+N6nYXwOxlk/9gQhRXovDe3Q9Mvoyd7ylQbwj1Sc2O3l7MjqaIo5D
p0m7dCl7gPfYs23joEwQ+JTj62z/WSsuo28wbTAdBgNVHQ4EFgQU7b+dkd8OXhye
M13wCi6ZK5Wx6pswHwYDVR0jBBgwFoAU7b+dkd8OXhyeM13wCi6ZK5Wx6pswDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAMyPUsAu4LRfsvhhTSgCWrQKvuJUtBA7qAQJVZnIry5sAiB1
bbvXuRwg4o8lTip5nR8x3d0tOSG1GjX8ScE9s7LD0w==
-----END CERTIFICATE-----`,
}
