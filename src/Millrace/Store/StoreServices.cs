using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Millrace;

/// <summary>What a store needs of its surroundings.</summary>
internal sealed record StoreServices(TimeProvider Time, ILoggerFactory Loggers, IMeterFactory? Meters);
