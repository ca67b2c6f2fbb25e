/** The package's version. The build defines it. */
declare const VERSION: string;
