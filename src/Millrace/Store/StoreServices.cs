using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Millrace.Protection;

namespace Millrace.Store;

/// <summary>The services that a store uses.</summary>
internal sealed record StoreServices(TimeProvider Time, ILoggerFactory Loggers, IMeterFactory? Meters)
{
    /// <summary>Gets the encryption of marked values; null without keys.</summary>
    public StoreProtection? Protection { get; init; }

    /// <summary>Gets the report of unmarked members; null for tools.</summary>
    public UnmarkedMembers? Unmarked { get; init; }
}
