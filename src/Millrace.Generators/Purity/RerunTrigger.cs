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
    /// The code runs again after another writer conflicts with the command. It uses only the state and the command, as
    /// in aggregates and deciders.
    /// </summary>
    OnDecision,

    /// <summary>
    /// The code runs again after another writer conflicts with the command. It loads data, as in command handlers.
    /// </summary>
    OnConflict,
}
