using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.Live;

/// <summary>An open alert, for operators.</summary>
[Description("An open alert.")]
internal sealed record LiveAlertView(
    [property: Description("The id.")] string? Id,
    [property: Description("The name of the rule.")] string Rule,
    [property: Description("The state.")] string State,
    [property: Description("The severity.")] string? Severity,
    [property: Description("The subject, such as a consumer.")] string? Subject,
    [property: Description("The node.")] string? Node,
    [property: Description("The time since which the value is beyond the threshold.")] DateTimeOffset Since)
{
    /// <summary>Returns whether an alert has fired and is not resolved.</summary>
    public static bool IsOpen(Alert alert) => alert.FiredAt is not null;

    public static LiveAlertView Of(Alert alert) => new(
        alert.Id,
        alert.Rule,
        Camel(alert.State.ToString()),
        alert.Severity is { } severity ? Camel(severity.ToString()) : null,
        alert.Subject,
        alert.Node,
        alert.Since);

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}
