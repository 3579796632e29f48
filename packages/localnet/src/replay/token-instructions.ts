import { address, joined, u16, u64, u8 } from "./instruction-bytes.ts";
import { type InfoReader, type RawInstruction, RecordingError } from "./recording.ts";

/** The forms that an instruction may have had, likeliest first: what is shown of it does not always tell them apart. */
type Rebuild = (info: InfoReader) => RawInstruction[];

const AUTHORITY_TYPES = ["mintTokens", "freezeAccount", "accountOwner", "closeAccount"];
/** `ExtensionType` of Token-2022, as far as token accounts ask for their size with it. */
const EXTENSION_TYPES: Readonly<Record<string, number>> = { immutableOwner: 7 };

/** A single owner, or a multisignature account with those who signed for it. */
const authority = (info: InfoReader, name: string): string[] => {
  const single = info.optionalText(name);
  if (single !== null) return [single];
  const multisig = `multisig${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return [info.text(multisig), ...info.texts("signers")];
};

/** An optional address at the end: older clients fill the place of a missing one with zeros. */
const withOptionalAddress = (start: Uint8Array, optional: string | null): Uint8Array[] =>
  optional === null
    ? [joined(start, u8(0)), joined(start, u8(0), new Uint8Array(32))]
    : [joined(start, u8(1), address(optional))];

const amountOf =
  (tag: number, ...fields: readonly string[]) =>
  (authorityName: string): Rebuild =>
  (info) => [
    {
      accounts: [...fields.map((field) => info.text(field)), ...authority(info, authorityName)],
      data: joined(u8(tag), u64(info.integer("amount"))),
    },
  ];

const checkedAmountOf =
  (tag: number, ...fields: readonly string[]) =>
  (authorityName: string): Rebuild =>
  (info) => {
    const { amount, decimals } = info.tokenAmount("tokenAmount");
    return [
      {
        accounts: [...fields.map((field) => info.text(field)), ...authority(info, authorityName)],
        data: joined(u8(tag), u64(amount), u8(decimals)),
      },
    ];
  };

const initializeMint =
  (tag: number, withRent: boolean): Rebuild =>
  (info) => {
    const start = joined(u8(tag), u8(Number(info.integer("decimals"))), address(info.text("mintAuthority")));
    const accounts = [info.text("mint"), ...(withRent ? [info.text("rentSysvar")] : [])];
    return withOptionalAddress(start, info.optionalText("freezeAuthority")).map((data) => ({
      accounts,
      data,
    }));
  };

const setAuthority: Rebuild = (info) => {
  const type = AUTHORITY_TYPES.indexOf(info.text("authorityType"));
  if (type < 0) throw new RecordingError(`setAuthority of type ${info.text("authorityType")}`);
  const owned = info.optionalText("mint") ?? info.text("account");
  const accounts = [owned, ...authority(info, "authority")];
  return withOptionalAddress(joined(u8(6), u8(type)), info.optionalText("newAuthority")).map((data) => ({
    accounts,
    data,
  }));
};

const getAccountDataSize: Rebuild = (info) => {
  const types = info.texts("extensionTypes").map((name) => {
    const type = EXTENSION_TYPES[name];
    if (type === undefined) throw new RecordingError(`getAccountDataSize with extension ${name}`);
    return u16(type);
  });
  return [{ accounts: [info.text("mint")], data: joined(u8(21), ...types) }];
};

/** Instructions of the token programs, from what agave's parser (`parse_token.rs`) shows of them. */
export const tokenInstructions: Readonly<Record<string, Rebuild>> = {
  initializeMint: initializeMint(0, true),
  initializeMint2: initializeMint(20, false),
  initializeAccount: (info) => [
    {
      accounts: [info.text("account"), info.text("mint"), info.text("owner"), info.text("rentSysvar")],
      data: u8(1),
    },
  ],
  initializeAccount3: (info) => [
    {
      accounts: [info.text("account"), info.text("mint")],
      data: joined(u8(18), address(info.text("owner"))),
    },
  ],
  transfer: amountOf(3, "source", "destination")("authority"),
  approve: amountOf(4, "source", "delegate")("owner"),
  setAuthority,
  mintTo: amountOf(7, "mint", "account")("mintAuthority"),
  burn: amountOf(8, "account", "mint")("authority"),
  closeAccount: (info) => [
    {
      accounts: [info.text("account"), info.text("destination"), ...authority(info, "owner")],
      data: u8(9),
    },
  ],
  transferChecked: checkedAmountOf(12, "source", "mint", "destination")("authority"),
  getAccountDataSize,
  initializeImmutableOwner: (info) => [{ accounts: [info.text("account")], data: u8(22) }],
};
