using System.ComponentModel;

namespace Millrace.AspNetCore.Operators;

/// <summary>A request to stop a run or an erasure.</summary>
internal sealed record StopRequest([property: Description("The reason, which is recorded.")] string Reason);
