/** Name of a worker in the registry. */
export const workerServerId = (serverId: string, worker: number): string => `${serverId}-${worker}`;
