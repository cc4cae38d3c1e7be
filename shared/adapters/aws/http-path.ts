// HTTP APIs of API Gateway hand on the path already decoded. Only what cannot stand in an encoded path is encoded again, so that a
// path from elsewhere passes as it is.
const UNSAFE = /%(?![0-9A-Fa-f]{2})|[^!$%&'()*+,\-./0-9:;=@A-Z_a-z~]/gu;

/** A name that itself holds a `%` and two hexadecimal digits cannot be told from an encoded one. */
export const encodedPath = (rawPath: string): string => rawPath.replaceAll(UNSAFE, (character) => encodeURIComponent(character));
