using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Millrace.Store;

/// <summary>The services that a store uses.</summary>
internal sealed record StoreServices(TimeProvider Time, ILoggerFactory Loggers, IMeterFactory? Meters);
