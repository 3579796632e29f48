import "@commcoin/listener/main";
