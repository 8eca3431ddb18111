using System.ComponentModel;

namespace Millrace.AspNetCore.ProcessManagers;

/// <summary>The step from which an instance continues.</summary>
internal sealed record ResumeRequest(
    [property: Description("The first step to repeat; all later steps follow. By default, it is the failed step.")]
        string? From = null,
    [property: Description("The reason, which is stored with the change.")] string? Reason = null);

/// <summary>The step with which an instance continues.</summary>
internal sealed record MoveRequest(
    [property: Description("The step to continue with.")] string To,
    [property: Description("The reason, which is stored with the change.")] string? Reason = null);
