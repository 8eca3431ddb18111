namespace Millrace.Generators;

/// <summary>When a piece of code runs again.</summary>
internal enum RerunTrigger
{
    /// <summary>It is not known to.</summary>
    No,

    /// <summary>Whenever events are read: <c>When</c>, <c>Evolve</c>, <c>Key</c>, <c>Apply</c>, upcasters.</summary>
    OnReplay,

    /// <summary>When the command meets a conflict; it decides by state and command alone: aggregates and
    /// deciders.</summary>
    OnDecision,

    /// <summary>When the command meets a conflict; it loads what it needs: command handlers.</summary>
    OnConflict,
}
