"use client";

export { ClientProvider, useClient, useConnectionState } from "./react/client-provider.ts";
export { useToken, type TokenValues } from "./react/use-token.ts";
export { useTopic, type TopicMessages, type TopicOptions } from "./react/use-topic.ts";
