using System.ComponentModel;

namespace Millrace.AspNetCore;

/// <summary>Where a consumer is to go on.</summary>
internal sealed record ResetRequest(
    [property: Description("The position after which it goes on; 0, the beginning, when absent.")] long Checkpoint = 0);
