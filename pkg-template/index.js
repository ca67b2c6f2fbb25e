// @ts-check
// The package's main entry. `#module` is the script that package.json names for the host.

export {
  NyneError,
  checkStatus,
  confirmCallback,
  createClient,
  findPhone,
  findPhones,
  isNyneError,
  parseCallback,
  pollResult,
  submitPhone,
} from "#module";
