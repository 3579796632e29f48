/** What a connection says that then says nothing more: nothing, or a part of a request. */
export const BEGINNINGS: readonly string[] = [
  "",
  "GET /api/ws/conn",
  "GET /healthz HTTP/1.1\r\nHost: localhost\r\n",
  "POST /api/ws/broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
  'POST /api/ws/broadcast HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"t',
  "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea",
];
