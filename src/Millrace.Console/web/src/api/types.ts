// The answers of the HTTP API for operators (docs/reference/http.md).

export interface Operator {
  name: string;
  mayDecide: boolean;
  /** The operator actions that the caller may use; absent without access control. */
  actions?: string[];
  /** The operator actions that have routes in this application, such as capacity. */
  parts?: string[];
}

export interface EventSummary {
  position: number;
  stream: string;
  version: number;
  type: string;
  id: string;
  timestamp: string;
  source?: string;
  correlationId?: string;
  causationId?: string;
  dataBytes: number;
  preview?: string;
}

export interface EventPage {
  head: number;
  next?: number;
  hidden: number;
  events: EventSummary[];
}

export interface StoredEvent {
  position: number;
  stream: string;
  version: number;
  type: string;
  schemaVersion: number;
  id: string;
  timestamp: string;
  contentType: string;
  source?: string;
  correlationId?: string;
  causationId?: string;
  encryptionKeyId?: string;
  tags?: string[];
  metadata?: unknown;
  data?: unknown;
  dataBase64?: string;
}

export interface StreamPage {
  stream: string;
  version: number;
  firstVersion: number;
  state: string;
  next?: number;
  events: StoredEvent[];
}

export interface StreamName {
  stream: string;
  version: number;
  state: string;
}

export interface FieldChange {
  path: string;
  before?: string;
  after?: string;
}

export interface Change {
  readModel?: string;
  key: string;
  kind: 'added' | 'changed' | 'gone';
  fields: FieldChange[];
  fieldCount: number;
}

export interface Difference {
  changes: Change[];
  eventCount: number;
  isComplete: boolean;
  notCompared?: { readModel: string; key: string }[];
}

export interface Entity {
  stream: string;
  position: number;
  exists: boolean;
  version: number;
  aggregate?: string;
  state?: unknown;
  documents: { readModel: string; key: string; position: number; value?: unknown }[];
}

export interface WhyChange {
  position: number;
  timestamp: string;
  stream: string;
  version: number;
  type: string;
  command?: string;
  user?: string;
  rules: string[];
  isCorrected: boolean;
  before?: unknown;
  after?: unknown;
}

export interface Explanation {
  kind: string;
  name: string;
  key: string;
  member?: string;
  value?: unknown;
  exists: boolean;
  until: number;
  isComplete: boolean;
  events: number;
  changeCount: number;
  changes: WhyChange[];
}

export interface Partition {
  partition: number;
  state: string;
  checkpoint: number;
  node?: string;
  nodeSince?: string;
  openLetters: number;
  error?: string;
}

export interface Load {
  priority: string;
  targetSeconds: number;
  batchEvents: number;
  workers: number;
}

export interface Consumer {
  name: string;
  shard?: string;
  state: string;
  stateSince?: string;
  checkpoint: number;
  lagEvents: number;
  lagSeconds: number;
  node?: string;
  nodeSince?: string;
  isPaused: boolean;
  openLetters: number;
  error?: string;
  partitions: Partition[];
  load?: Load;
}

export interface DeadLetter {
  id: number;
  shard?: string;
  consumer: string;
  state: string;
  key: string;
  position: number;
  stream: string;
  version: number;
  type: string;
  eventId: string;
  attempts: number;
  class?: string;
  cause?: string;
  errorType?: string;
  message?: string;
  retryAt?: string;
  firstFailedAt?: string;
  lastFailedAt?: string;
  isEdited: boolean;
  decision?: string;
  by?: string;
  reason?: string;
  decidedAt?: string;
}

export interface DeadLetterDetail extends DeadLetter {
  stack?: string;
  payload?: unknown;
  editedPayload?: unknown;
  waitingCount: number;
  waiting: { id: number; position: number; type: string }[];
  behind?: number;
}

export interface DeadLetterGroup {
  consumer: string;
  shard?: string;
  cause: string;
  letters: number;
  firstFailedAt: string;
  lastFailedAt: string;
  sample: DeadLetter;
}

export interface Simulated {
  id: number;
  outcome: string;
  error?: string;
  cause?: string;
}

export interface Simulation {
  passes: number;
  fails: number;
  unknown: number;
  letters: Simulated[];
  next?: number;
}

export interface Replayed {
  released: number;
  missed: number;
  passed: number;
  failed: number;
  isStopped: boolean;
}

export interface LiveConsumer {
  name: string;
  shard?: string;
  state: string;
  checkpoint: number;
  lagEvents: number;
  lagSeconds: number;
  openLetters: number;
}

export interface LiveAlert {
  id?: string;
  rule: string;
  state: string;
  severity?: string;
  subject?: string;
  node?: string;
  since: string;
}

export interface LiveChange {
  position: number;
  consumers: LiveConsumer[];
  deadLetters?: number;
  alerts?: LiveAlert[];
}

export interface Health {
  status: 'healthy' | 'degraded' | 'unhealthy';
  problem?: string;
  consumers: Record<string, number>;
  lagEvents: number;
  transports?: Record<string, number>;
  backup?: { waitingEvents: number; restorablePosition?: number };
  audit?: { position: number; problems: number };
}

export interface MetricSeries {
  subject?: string;
  node?: string;
  points: { start: string; seconds: number; average: number; min: number; max: number; samples: number }[];
}

export interface Capacity {
  nodes?: number;
  minNodes: number;
  maxNodes: number;
  changes: { nodes: number; previousNodes: number; explanation: string; at: string }[];
}
