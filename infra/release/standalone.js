import "@commcoin/standalone/main";
