# Runs the server, and ends it where it no longer answers: compose restarts a container that has
# ended, but not one that is merely unhealthy. Nothing can end process 1 from inside, which is why
# the server is not that. In Kubernetes the liveness probe does the same.
tensorflow_model_server "$@" &
server=$!
trap 'kill $server' TERM INT
while sleep 10 && kill -0 $server 2>/dev/null; do
  bash "${0%/*}/alive.sh" || kill -9 $server
done &
wait $server  # or for a signal; then for the end
wait $server
