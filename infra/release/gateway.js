import "@commcoin/gateway/main";
