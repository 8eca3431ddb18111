using System.ComponentModel;

namespace Millrace.AspNetCore.Operators;

/// <summary>The body of a decision.</summary>
internal sealed record DecisionRequest(
    [property: Description("The reason, which is stored with the decision.")] string? Reason = null);
