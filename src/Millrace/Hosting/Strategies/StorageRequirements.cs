namespace Millrace;

/// <summary>A level of a requirement.</summary>
public enum RequirementLevel
{
    /// <summary>Low.</summary>
    Low,

    /// <summary>Medium.</summary>
    Medium,

    /// <summary>High.</summary>
    High,
}

/// <summary>What an application requires of its storage, for <see cref="StorageChoice"/>.</summary>
/// <param name="Performance">The required throughput and speed of reads.</param>
/// <param name="Consistency">The required guarantees after a failure of a machine.</param>
/// <param name="Cost">The acceptable cost of servers and their operation.</param>
public sealed record StorageRequirements(
    RequirementLevel Performance, RequirementLevel Consistency, RequirementLevel Cost);
