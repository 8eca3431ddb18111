namespace Millrace.Generators;

/// <summary>When a piece of code runs again.</summary>
internal enum RerunTrigger
{
    /// <summary>Unknown or never.</summary>
    No,

    /// <summary>Whenever events are read: <c>When</c>, <c>Evolve</c>, <c>Key</c>, <c>Apply</c>, upcasters.</summary>
    OnReplay,

    /// <summary>
    /// When the command meets a conflict, in code that decides only by state and command: aggregates and deciders.
    /// </summary>
    OnDecision,

    /// <summary>When the command meets a conflict, in code that loads data: command handlers.</summary>
    OnConflict,
}
