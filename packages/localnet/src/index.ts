export type { Chain, ForkOptions, ForkReport } from "./chain.ts";
export { COMMCOIN_PROGRAM_ADDRESS } from "./commcoin/addresses.ts";
export { commCoinCalls, type CommCoinCall } from "./commcoin/calls-made.ts";
export {
  buyInstruction,
  createCoinInstruction,
  maintenanceInstruction,
  sellInstruction,
} from "./commcoin/instructions.ts";
export { createMetadataInstruction } from "./commcoin/metaplex-metadata.ts";
export {
  findAssociatedToken,
  findBondingCurve,
  findMetadata,
  findMintAuthority,
  findVault,
  findVaultTokenAccount,
} from "./commcoin/pda.ts";
export { commCoinPrograms } from "./commcoin/programs.ts";
export { routeInstruction, ROUTER_PROGRAM_ADDRESS } from "./commcoin/router.ts";
export type { Engine } from "./engine/engine.ts";
export { TransactionRejected } from "./engine/engine.ts";
export {
  type EmulatedProgram,
  InstructionFailed,
  type InstructionAccount,
  type InvocationContext,
  type ProgramInstruction,
} from "./engine/emulated-program.ts";
export { createLitesvmEngine, type LitesvmEngineOptions } from "./engine/litesvm-engine.ts";
export type { Endpoint } from "./endpoint/endpoint.ts";
export type { CloseCode } from "./faults/connection-faults.ts";
export type { FaultName, FaultPatch, FaultSettings } from "./faults/settings.ts";
export type { Faults, FaultState } from "./faults/switches.ts";
export type { Block, Commitment, LedgerTransaction } from "./ledger/block.ts";
export type { LedgerEvent } from "./ledger/events.ts";
export type { Ledger } from "./ledger/ledger.ts";
export type { Landing, Oracle, OracleTransaction } from "./ledger/oracle.ts";
export type { AccountState, ExecutedTransaction, TransactionMeta } from "./ledger/transaction.ts";
export {
  createLocalnet,
  type Localnet,
  type LocalnetOptions,
  type MarketSettings,
  type ReplayOptions,
} from "./localnet.ts";
export { createMarket, startMarket, type MarketNode, type MarketOptions } from "./market/market.ts";
export { createRandom, type Random } from "./random.ts";
export { findTestData } from "./recordings/test-data.ts";
export { readRecordings, type Recordings, type RefusedRecording } from "./replay/read-files.ts";
export { readRecording } from "./replay/read-recording.ts";
export { RecordingError } from "./replay/recording.ts";
