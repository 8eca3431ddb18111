using System.ComponentModel;

namespace Millrace.AspNetCore;

/// <summary>The step from which an instance continues.</summary>
internal sealed record ResumeRequest(
    [property: Description("The step to repeat, with all that follow it; the failed step when absent.")]
        string? From = null,
    [property: Description("The reason; recorded.")] string? Reason = null);

/// <summary>The step with which an instance continues.</summary>
internal sealed record MoveRequest(
    [property: Description("The step to continue with.")] string To,
    [property: Description("The reason; recorded.")] string? Reason = null);
