/** Begins a secret of Standard Webhooks that is bytes in base64; any other text is the secret itself. */
export const SECRET_IN_BASE64 = 'whsec_';
