// The packager writes the version of the crate here.
export const VERSION = "0.0.0";
