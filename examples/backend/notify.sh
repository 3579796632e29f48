#!/bin/sh
# Sends a notification to one user: ADMIN_TOKEN=… ./notify.sh ann "Sold" "Your 100 CCOIN are sold."
# Prints the topic and the position that it got. Texts go into JSON as they are: no quotation marks, no backslashes.
set -eu
curl --fail-with-body --silent --show-error "${ADMIN_URL:-http://localhost:8081}/api/ws/broadcast" \
  --header "Authorization: Bearer $ADMIN_TOKEN" --header "Content-Type: application/json" --data @- <<JSON
{
  "type": "Notification",
  "data": { "user_id": "$1", "title": "$2", "message": "$3", "notification_type": "info" },
  "target": { "user_id": "$1" }
}
JSON
