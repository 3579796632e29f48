import "@commcoin/admin/main";
