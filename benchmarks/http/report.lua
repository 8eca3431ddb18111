-- Prints one line for HttpLoad.cs: requests, seconds, failures, and the percentiles 50, 95 and 99 in milliseconds.
function done(summary, latency, requests)
  local failed = summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.timeout + summary.errors.connect
  io.write(string.format("measured %d %.6f %d %.3f %.3f %.3f\n", summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
