using System.ComponentModel;

namespace Millrace.AspNetCore.Logging;

/// <summary>The new level of a category of logs.</summary>
internal sealed record LogLevelRequest(
    [property: Description("trace, debug, information, warning, error, critical or none.")] string Level,
    [property: Description("The time after which the configured level applies again, from 00:00:01 to 1.00:00:00. "
        + "By default, it is one hour.")]
    string? Duration = null);
