using System.ComponentModel;

namespace Millrace.AspNetCore;

/// <summary>From where an instance is to go on.</summary>
internal sealed record ResumeRequest(
    [property: Description("The step that is done again with all behind it; what failed, when absent.")]
        string? From = null,
    [property: Description("Why; it is recorded.")] string? Reason = null);

/// <summary>Where an instance is to go on.</summary>
internal sealed record MoveRequest(
    [property: Description("The step to go on with.")] string To,
    [property: Description("Why; it is recorded.")] string? Reason = null);
