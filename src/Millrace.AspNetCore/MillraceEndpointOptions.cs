namespace Millrace.AspNetCore;

/// <summary>What Millrace tells operators over HTTP, and whom.</summary>
public sealed class MillraceEndpointOptions
{
    /// <summary>The authorization policy that operators must meet; needed: without it nothing but the health is
    /// told.</summary>
    public string? OperatorPolicy { get; set; }

    /// <summary>Whether operators may decide, and not only look; false by default.</summary>
    public bool AllowDecisions { get; set; }

    /// <summary>Where the operators' routes begin; <c>/millrace</c> by default.</summary>
    public string Prefix { get; set; } = "/millrace";
}
