import { address, bincodeString, joined, u32, u64 } from "./instruction-bytes.ts";
import type { InfoReader, RawInstruction } from "./recording.ts";

type Rebuild = (info: InfoReader) => RawInstruction;

/** Instructions of the system program, from what agave's parser (`parse_system.rs`) shows of them. */
export const systemInstructions: Readonly<Record<string, Rebuild>> = {
  createAccount: (info) => ({
    accounts: [info.text("source"), info.text("newAccount")],
    data: joined(
      u32(0),
      u64(info.integer("lamports")),
      u64(info.integer("space")),
      address(info.text("owner")),
    ),
  }),
  assign: (info) => ({
    accounts: [info.text("account")],
    data: joined(u32(1), address(info.text("owner"))),
  }),
  transfer: (info) => ({
    accounts: [info.text("source"), info.text("destination")],
    data: joined(u32(2), u64(info.integer("lamports"))),
  }),
  createAccountWithSeed: (info) => {
    const source = info.text("source");
    const base = info.text("base");
    return {
      // The base needs a place of its own only when it is not the payer.
      accounts: [source, info.text("newAccount"), ...(base === source ? [] : [base])],
      data: joined(
        u32(3),
        address(base),
        bincodeString(info.text("seed")),
        u64(info.integer("lamports")),
        u64(info.integer("space")),
        address(info.text("owner")),
      ),
    };
  },
  advanceNonce: (info) => ({
    accounts: [info.text("nonceAccount"), info.text("recentBlockhashesSysvar"), info.text("nonceAuthority")],
    data: u32(4),
  }),
  allocate: (info) => ({
    accounts: [info.text("account")],
    data: joined(u32(8), u64(info.integer("space"))),
  }),
  transferWithSeed: (info) => ({
    accounts: [info.text("source"), info.text("sourceBase"), info.text("destination")],
    data: joined(
      u32(11),
      u64(info.integer("lamports")),
      bincodeString(info.text("sourceSeed")),
      address(info.text("sourceOwner")),
    ),
  }),
};
