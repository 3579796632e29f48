#!/usr/bin/env node
import "@commcoin/cli/main";
