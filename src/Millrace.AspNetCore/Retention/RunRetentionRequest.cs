using System.ComponentModel;

namespace Millrace.AspNetCore.Retention;

/// <summary>A request to run the retention policies.</summary>
internal sealed record RunRetentionRequest(
    [property: Description("The id of the run: lower-case letters, digits and dashes; the current time when absent.")]
        string? Id = null);
