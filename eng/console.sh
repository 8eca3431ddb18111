#!/bin/sh
# Builds the page of the console from src/Millrace.Console/web into src/Millrace.Console/assets.
set -e
cd "$(dirname "$0")/../src/Millrace.Console/web"
[ -d node_modules ] || npm install --no-save --no-audit --no-fund
npm run check
npm run build
