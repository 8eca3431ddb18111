using System.ComponentModel;

namespace Millrace.AspNetCore.Consuming;

/// <summary>The new checkpoint of a consumer.</summary>
internal sealed record ResetRequest(
    [property: Description("The new checkpoint. By default, it is 0, the start of the log.")] long Checkpoint = 0);
