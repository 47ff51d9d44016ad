import { EpochdError, type Problem } from '../../contract/errors.ts';

/** Thrown when a body is not JSON in UTF-8. */
export class BodyMalformed extends EpochdError {
  readonly code = 'body_malformed';
  readonly kind = 'user';
}

/** Thrown when an object in a body has a field more than once: which of the values was meant nobody can tell. */
export class KeysRepeated extends EpochdError {
  readonly code = 'keys_repeated';
  readonly kind = 'user';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(`the body is ambiguous: ${problems.map(({ pointer, detail }) => `${pointer}: ${detail}`.replace(/^: /, '')).join('; ')}`);
    this.problems = problems;
  }
}

/** Thrown when a body comes in a type, character set or coding that is not taken. */
export class MediaTypeUnsupported extends EpochdError {
  readonly code = 'unsupported_media_type';
  readonly kind = 'user';
}

/** Thrown when a header or the query is well-formed but means nothing here. */
export class RequestInvalid extends EpochdError {
  readonly code = 'request_invalid';
  readonly kind = 'user';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`).join('; '));
    this.problems = problems;
  }
}

/** Thrown when no route has this path. */
export class RouteNotFound extends EpochdError {
  readonly code = 'route_not_found';
  readonly kind = 'user';
}

/** Thrown when the path exists, but not with this method. */
export class MethodNotAllowed extends EpochdError {
  readonly code = 'method_not_allowed';
  readonly kind = 'user';
  readonly allowed: readonly string[];
  constructor(method: string, path: string, allowed: readonly string[]) {
    super(`${method} ${path}: expected ${allowed.join(', ')}`);
    this.allowed = allowed;
  }
}

/** Thrown when the client takes none of the media types that a resource has. */
export class NotAcceptable extends EpochdError {
  readonly code = 'not_acceptable';
  readonly kind = 'user';
  constructor(accept: string, offered: readonly string[]) {
    super(`Accept: ${accept}: this resource comes as ${offered.join(' or ')}`);
  }
}

/** Thrown when the Host header names a machine that this service is not (DNS rebinding), or the request comes from another site. */
export class HostNotAllowed extends EpochdError {
  readonly code = 'host_not_allowed';
  readonly kind = 'user';
}

/** Thrown when a byte range begins after the end. */
export class RangeNotSatisfiable extends EpochdError {
  readonly code = 'range_not_satisfiable';
  readonly kind = 'user';
  readonly size: number;
  constructor(range: string, size: number) {
    super(`Range: ${range}: expected a range within 0-${size - 1}`);
    this.size = size;
  }
}

/** Thrown when an answer has not begun in the time that it may take. */
export class HandlerTimeout extends EpochdError {
  readonly code = 'handler_timeout';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
  constructor(milliseconds: number) {
    super(`this took longer than ${milliseconds / 1_000} s: try again later`);
  }
}

/** Thrown when as many requests of a kind as may be are worked on, and as many as may be wait for their turn. */
export class ServiceBusy extends EpochdError {
  readonly code = 'service_busy';
  readonly kind = 'infrastructure';
  override readonly retryable = true;
  constructor(atWork: number, waiting: number) {
    super(
      `${atWork} requests of this kind are worked on and ${waiting} wait for their turn, as many as this service takes: try again later`,
    );
  }
}
