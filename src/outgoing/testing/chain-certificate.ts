/**
 * A certificate of the name hooks.chain.test, signed by itself, good for a hundred years, with its key: for a receiver behind TLS in tests. Nobody trusts it
 * who was not told to.
 */
export const chainHost = 'hooks.chain.test';

export const chainCertificate = `-----BEGIN CERTIFICATE-----
MIIBqTCCAVCgAwIBAgIUZ3zrf3HGaRTuD8n0qJLlZty9bekwCgYIKoZIzj0EAwIw
GzEZMBcGA1UEAwwQaG9va3MuY2hhaW4udGVzdDAgFw0yNjExMjUxNjM0MDhaGA8y
MTI2MTEwMTE2MzQwOFowGzEZMBcGA1UEAwwQaG9va3MuY2hhaW4udGVzdDBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABAlAT7A5FafBOx9cYDr9EBVG0Vtblmf4ahHD
QV47p+4OcFUX3P+PCCqRoWoa9Df8BUgePJRgXxtI/nYNWqVRGS2jcDBuMB0GA1Ud
DgQWBBQFr/u5qtbZ9HJYYQEr12yoXlgNHjAfBgNVHSMEGDAWgBQFr/u5qtbZ9HJY
YQEr12yoXlgNHjAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEGhvb2tzLmNo
YWluLnRlc3QwCgYIKoZIzj0EAwIDRwAwRAIgXEMNLhUtspIaUA497JLKR9UlPvEZ
13JXGNEjyOtPGpgCICU1biHDDKNnzOZQEBAii92A6fgqlx6RaS4zxfcnXbA3
-----END CERTIFICATE-----
`;

export const chainKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0/tcnwxZCt8a0Sp2
topwJjHEis1RKMk+3kYCxVur5MyhRANCAAQJQE+wORWnwTsfXGA6/RAVRtFbW5Zn
+GoRw0FeO6fuDnBVF9z/jwgqkaFqGvQ3/AVIHjyUYF8bSP52DVqlURkt
-----END PRIVATE KEY-----
`;
