using System.ComponentModel;

namespace Millrace.AspNetCore;

/// <summary>What is said with a decision.</summary>
internal sealed record DecisionRequest([property: Description("Why; it is recorded.")] string? Reason = null);
