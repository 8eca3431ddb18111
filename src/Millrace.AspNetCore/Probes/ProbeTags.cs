namespace Millrace.AspNetCore;

/// <summary>The tags of the health checks that probes run. Give them to the checks of the application.</summary>
public static class ProbeTags
{
    /// <summary>The tag of checks whose failure only a restart of the node can repair.</summary>
    public const string Live = "live";

    /// <summary>The tag of checks without which the node should receive no requests.</summary>
    public const string Ready = "ready";

    /// <summary>The tag of checks of the start of the node.</summary>
    public const string Started = "started";
}
