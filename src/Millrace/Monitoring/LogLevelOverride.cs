using Microsoft.Extensions.Logging;

namespace Millrace;

/// <summary>A changed level of logs.</summary>
/// <param name="Category">The category.</param>
/// <param name="Level">The lowest level that is logged.</param>
/// <param name="Until">The time at which the configured level applies again.</param>
/// <param name="By">The user who requested the change.</param>
public sealed record LogLevelOverride(string Category, LogLevel Level, DateTimeOffset Until, string By);
