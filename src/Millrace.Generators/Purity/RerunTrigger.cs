namespace Millrace.Generators.Purity;

/// <summary>The trigger that makes a piece of code run again.</summary>
internal enum RerunTrigger
{
    /// <summary>The code never runs again, or the trigger is unknown.</summary>
    No,

    /// <summary>
    /// The code runs whenever events are read, as in <c>When</c>, <c>Evolve</c>, <c>Key</c>, <c>Apply</c> and
    /// upcasters.
    /// </summary>
    OnReplay,

    /// <summary>
    /// When the command meets a conflict, in code that decides only by state and command: aggregates and deciders.
    /// </summary>
    OnDecision,

    /// <summary>When the command meets a conflict, in code that loads data: command handlers.</summary>
    OnConflict,
}
