namespace Millrace.AspNetCore;

/// <summary>The paths of the probes. Each starts with a slash.</summary>
public sealed class ProbeOptions
{
    /// <summary>Gets or sets the path that reports whether the node can work; <c>/livez</c> by default.</summary>
    public string LivePath { get; set; } = "/livez";

    /// <summary>
    /// Gets or sets the path that reports whether the node should receive requests; <c>/readyz</c> by default.
    /// </summary>
    public string ReadyPath { get; set; } = "/readyz";

    /// <summary>Gets or sets the path that reports whether the node has started; <c>/startupz</c> by default.</summary>
    public string StartedPath { get; set; } = "/startupz";
}
