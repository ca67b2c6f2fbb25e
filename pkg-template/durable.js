// @ts-check
// The entry for lookups that outlive the program: on a workflow engine, in a queue, in an alarm.

export { advance } from "#module";
