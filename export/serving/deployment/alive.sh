# Fails where the server takes a connection and does not answer within half a minute, as one whose
# threads all hang does. Where nothing listens, it is loading, or has ended already.
timeout 30 bash -c '
  exec 3<>/dev/tcp/127.0.0.1/8511 || exit 0
  printf "GET /v1/models/alive HTTP/1.0\r\n\r\n" >&3
  read -r <&3
' 2>/dev/null
[ $? != 124 ]
