using System.ComponentModel;

namespace Millrace.AspNetCore.Recovering;

/// <summary>A request to run a recovery action, or to return what it would do.</summary>
internal sealed record PlanActionRequest(
    [property: Description("What the action changes, such as the name of a consumer; the whole application when "
        + "absent.")]
    string? Subject = null);
