// What a service worker has beside what a page has; TypeScript's own description cannot stand beside that of pages.

export interface WaitingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

export interface PushEvent extends WaitingEvent {
  data: { text(): string } | null;
  /** Of a declarative message, on Apple's browsers. */
  notification?: Notification;
}

export interface FetchEvent extends WaitingEvent {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

export interface ClickEvent extends WaitingEvent {
  notification: Notification;
}

export interface SubscriptionChangeEvent extends WaitingEvent {
  oldSubscription: PushSubscription | null;
  newSubscription: PushSubscription | null;
}

export interface PageClient {
  url: string;
  visibilityState: DocumentVisibilityState;
  focus(): Promise<PageClient>;
  postMessage(message: unknown): void;
}

interface WorkerEvents {
  install: WaitingEvent;
  activate: WaitingEvent;
  fetch: FetchEvent;
  push: PushEvent;
  notificationclick: ClickEvent;
  pushsubscriptionchange: SubscriptionChangeEvent;
}

export interface WorkerScope {
  addEventListener<K extends keyof WorkerEvents>(kind: K, listener: (event: WorkerEvents[K]) => void): void;
  skipWaiting(): Promise<void>;
  registration: ServiceWorkerRegistration;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<PageClient[]>;
    openWindow(address: string): Promise<PageClient | null>;
  };
}
