"use client";

import { findPhone, isNyneError } from "nyne-phone-finder";
import { useEffect } from "react";

import { lookUp } from "../lookups.mjs";
import { report } from "../report.mjs";

export default function Page() {
  useEffect(() => {
    report((world) => lookUp({ findPhone, isNyneError }, world));
  }, []);
}
