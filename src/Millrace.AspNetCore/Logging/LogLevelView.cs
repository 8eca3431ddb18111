using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.Logging;

/// <summary>A changed level of logs, for operators.</summary>
[Description("A changed level of logs on the node that answers the request.")]
internal sealed record LogLevelView(
    [property: Description("The category, such as Millrace.Consuming, or Default.")] string Category,
    [property: Description("The lowest level that is logged.")] string Level,
    [property: Description("The time at which the configured level applies again.")] DateTimeOffset Until,
    [property: Description("The operator who changed the level.")] string By)
{
    public static LogLevelView Of(LogLevelOverride changed) => new(
        changed.Category,
        JsonNamingPolicy.CamelCase.ConvertName(changed.Level.ToString()),
        changed.Until,
        changed.By);
}
